/** Where a page of the catalogue ended: `untilMs` keeps all pages within the same span. */
export interface CatalogueKey {
  untilMs: number;
  events: number;
  name: string;
}

export function formatCatalogueKey({ untilMs, events, name }: CatalogueKey): string {
  return `${untilMs}.${events}.${name}`;
}

/** @returns null where the text is not such a key */
export function parseCatalogueKey(text: string): CatalogueKey | null {
  const match = /^(\d{1,15})\.(\d{1,15})\.(.+)$/s.exec(text);
  return match ? { untilMs: Number(match[1]), events: Number(match[2]), name: match[3] ?? '' } : null;
}
