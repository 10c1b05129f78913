const ABSENT = new Set(['', 'null', 'undefined', 'nil', 'none', 'unknown', 'nan', '(null)', '取值异常']);
/** A macro that the network did not replace: `__IMEI__`, `{IDFA}`, `{{OAID}}`, `${IP}`, `#idfa#`, `(idfa)`. */
const UNREPLACED = /^(__\w+__|\$?\{{1,2}[\w-]+\}{1,2}|#\w+#|%%\w+%%|\([\w-]+\))$/;

/**
 * The text of a click parameter or an SDK property; null where it stands for "no value".
 * NUL characters, which PostgreSQL cannot keep, are removed; longer text is cut at `maxLength`.
 */
export function readPresent(value: unknown, maxLength = 512): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).replaceAll('\u0000', '').trim();
  if (ABSENT.has(text.toLowerCase()) || UNREPLACED.test(text)) return null;
  return text.slice(0, maxLength);
}
