import type { FormValues } from './parse-form.js';

const MAX_PARTS = 20;
const MAX_HEAD_LENGTH = 500;
const NAME = /content-disposition:[^\r\n]*[;\s]name="?(data|data_list|crc|ext)"?(?=[;\s]|$)/i;

/**
 * Reads a `multipart/form-data` body whose boundary is its own first line, as RFC 2046 has it.
 * Only the fields that mean something are kept; of a repeated one the first counts.
 */
export function parseMultipart(text: string): FormValues {
  const values: FormValues = {};
  const start = text.indexOf('--');
  const endOfLine = text.indexOf('\n', start);
  if (endOfLine === -1) return values;
  const boundary = text.slice(start, endOfLine).trimEnd();
  for (const part of text.slice(endOfLine + 1).split(boundary, MAX_PARTS)) {
    const gap = /\r?\n\r?\n/.exec(part);
    const name = gap
      ? NAME.exec(part.slice(0, Math.min(gap.index, MAX_HEAD_LENGTH)))?.[1]?.toLowerCase()
      : undefined;
    if (!gap || !name) continue;
    values[name as keyof FormValues] ??= part.slice(gap.index + gap[0].length).replace(/\r?\n$/, '');
  }
  return values;
}
