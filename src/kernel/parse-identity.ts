/**
 * Reads `<key>:<value>`; the value may hold further colons.
 * @returns null where one of them is missing
 */
export function parseIdentity(text: string): { key: string; value: string } | null {
  const at = text.indexOf(':');
  if (at < 1 || at === text.length - 1) return null;
  return { key: text.slice(0, at), value: text.slice(at + 1) };
}
