import { HelperError } from './helper-error.js';
import { cachedFormatter } from './intl-cache.js';

const numbers = new Map<string, Intl.NumberFormat>();
const rules = new Map<string, Intl.PluralRules>();

/**
 * Shows a number the way a locale writes it.
 * @param decimals digits behind the point; null leaves it to the number, at most three
 * @throws HelperError for what is no number
 */
export function formatNumber(value: unknown, decimals: number | null, locale: string): string {
  const number = toNumber(value, 'formatNumber');
  const formatter = cachedFormatter(
    numbers,
    [locale, decimals],
    () =>
      new Intl.NumberFormat(
        locale,
        decimals === null ? {} : { minimumFractionDigits: decimals, maximumFractionDigits: decimals },
      ),
  );
  return formatter.format(number);
}

/**
 * Shows an amount of money.
 * @param amountMinor in the currency's smallest unit: 1999 EUR is €19.99, 1999 JPY is ¥1,999
 * @param currency ISO 4217
 */
export function formatMoney(amountMinor: unknown, currency: string, locale: string): string {
  const amount = toNumber(amountMinor, 'formatMoney');
  const formatter = cachedFormatter(
    numbers,
    [locale, 'currency', currency],
    () => new Intl.NumberFormat(locale, { style: 'currency', currency }),
  );
  const digits = formatter.resolvedOptions().maximumFractionDigits ?? 2;
  return formatter.format(amount / 10 ** digits);
}

/**
 * Picks the form of a noun for a count; `#` in the form becomes the count.
 * @param forms by CLDR plural category; `other` is always needed
 */
export function plural(count: unknown, forms: Readonly<Record<string, string>>, locale: string): string {
  const number = toNumber(count, 'plural');
  const rule = cachedFormatter(rules, [locale], () => new Intl.PluralRules(locale));
  const category = rule.select(number);
  const form = Object.hasOwn(forms, category) ? forms[category] : forms['other'];
  if (form === undefined) throw new HelperError('plural needs other="…".');
  return form.replaceAll('#', formatNumber(number, null, locale));
}

function toNumber(value: unknown, helper: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new HelperError(`${helper} needs a number.`);
  }
  return number;
}
