import { formatCatalogueKey, parseCatalogueKey } from './catalogue-key.js';

describe('The key of a page of the catalogue', () => {
  it.each([{ untilMs: 1_700_000_000_000, events: 7, name: 'Pay.Order\n1' }])('%j is read back', (key) => {
    expect(parseCatalogueKey(formatCatalogueKey(key))).toEqual(key);
  });

  it.each(['', '1.2', '1..a', 'x.1.a', '1.2.'])('is not %j', (text) => {
    expect(parseCatalogueKey(text)).toBeNull();
  });
});
