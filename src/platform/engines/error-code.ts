/** The `code` of an error of the system, such as ENOENT; undefined when it has none. */
export function errorCode(error: unknown): string | undefined {
  // Not by instanceof: under the test runner, node's own errors are of another realm.
  const isObject = typeof error === 'object' && error !== null;
  return isObject && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
