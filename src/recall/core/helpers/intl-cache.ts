import { HelperError } from './helper-error.js';

const MAX_FORMATTERS = 500;

/**
 * Keeps Intl formatters: making one costs a hundred times what using it does.
 * @throws HelperError where Intl refuses the locale, zone or currency
 */
export function cachedFormatter<T>(cache: Map<string, T>, key: readonly unknown[], make: () => T): T {
  const text = JSON.stringify(key);
  const known = cache.get(text);
  if (known !== undefined) return known;
  if (cache.size >= MAX_FORMATTERS) cache.clear();
  try {
    const made = make();
    cache.set(text, made);
    return made;
  } catch (error) {
    throw new HelperError(error instanceof RangeError ? error.message : 'The format is not known.', {
      cause: error,
    });
  }
}
