/** Identities as key → values, in order. */
export function groupIdentities(
  identities: readonly { key: string; value: string }[],
): Record<string, string[]> {
  const byKey: Record<string, string[]> = {};
  for (const { key, value } of identities) byKey[key] = [...(byKey[key] ?? []), value];
  return byKey;
}
