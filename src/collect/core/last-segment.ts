/** The last segment of the path of a URL, its query left out; one slash at the end does not count. */
export function lastSegment(url: string): string {
  const query = url.indexOf('?');
  let end = query === -1 ? url.length : query;
  if (end > 1 && url.charCodeAt(end - 1) === 0x2f) end--;
  return url.slice(url.lastIndexOf('/', end - 1) + 1, end);
}
