import { isPresent, toText } from '../template-data.js';
import { formatDate } from './format-date.js';
import { formatMoney, formatNumber, plural } from './format-number.js';
import { HelperError } from './helper-error.js';

/** One use of a helper: `{{name arg arg key=value}}`. */
export interface HelperCall {
  args: readonly unknown[];
  hash: Readonly<Record<string, unknown>>;
  /** Zone of the project, IANA name: for dates whose helper names none. */
  zone: string;
}

export type ValueHelper = (call: HelperCall) => unknown;

const DEFAULT_LOCALE = 'en';

/**
 * Helpers that turn values into a value. They are pure and get nothing but their arguments.
 * @throws HelperError where an argument does not suit
 */
export const VALUE_HELPERS = {
  default: ({ args }) => args.find(isPresent) ?? args.at(-1),
  formatDate: (call) =>
    formatDate(call.args[0], {
      style: text(call, 'style') ?? 'medium',
      time: text(call, 'time'),
      zone: text(call, 'zone') ?? call.zone,
      locale: locale(call),
    }),
  formatNumber: (call) => formatNumber(call.args[0], decimals(call), locale(call)),
  formatMoney: (call) => formatMoney(call.args[0], argument(call, 1, 'formatMoney'), locale(call)),
  plural: (call) => plural(call.args[0], textsOf(call.hash), locale(call)),
  upper: (call) => argument(call, 0, 'upper').toLocaleUpperCase(locale(call)),
  lower: (call) => argument(call, 0, 'lower').toLocaleLowerCase(locale(call)),
  truncate: (call) => truncate(argument(call, 0, 'truncate'), call.args[1]),
} as const satisfies Record<string, ValueHelper>;

/** Reads the target of `{{link url}}`. @throws HelperError for anything but http and https */
export function linkTarget(call: HelperCall): string {
  const url = argument(call, 0, 'link').trim();
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new HelperError('link needs an address that starts with http:// or https://.');
  }
  return url;
}

/** Cuts by characters as readers see them, and says so with an ellipsis that counts as one. */
function truncate(full: string, length: unknown): string {
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 1) {
    throw new HelperError('truncate needs a length of at least 1, such as {{truncate name 40}}.');
  }
  const characters = Array.from(new Intl.Segmenter().segment(full), ({ segment }) => segment);
  return characters.length <= length
    ? full
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}

function argument(call: HelperCall, index: number, helper: string): string {
  const value = toText(call.args[index]);
  if (value === null) throw new HelperError(`${helper} needs a text as its argument ${index + 1}.`);
  return value;
}

function text(call: HelperCall, key: string): string | null {
  return Object.hasOwn(call.hash, key) ? toText(call.hash[key]) : null;
}

function locale(call: HelperCall): string {
  return text(call, 'locale') ?? DEFAULT_LOCALE;
}

function decimals(call: HelperCall): number | null {
  const value = Object.hasOwn(call.hash, 'decimals') ? call.hash['decimals'] : null;
  return typeof value === 'number' ? value : null;
}

function textsOf(hash: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(hash).map(([key, value]) => [key, toText(value) ?? '']));
}
