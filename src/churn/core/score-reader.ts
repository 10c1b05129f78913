import { parseUserId, type UserId } from '../../kernel/ids.js';
import { isJsonObject } from '../../kernel/json.js';
import { parseIdentity } from '../../kernel/parse-identity.js';

/** Why a row of an uploaded file gives no score. */
export const SCORE_ROW_REASONS = [
  'unreadable_row',
  'missing_user',
  'invalid_user',
  'missing_score',
  'invalid_score',
  'unknown_user',
  'repeated_user',
] as const;
export type ScoreRowReason = (typeof SCORE_ROW_REASONS)[number];

/** Whom a row names. */
export type NamedUser = { userId: UserId } | { identity: { key: string; value: string } };
export type ReadScore = { line: number } & ({ user: NamedUser; score: number } | { reason: ScoreRowReason });

/** Longest line. */
const MAX_LINE_LENGTH = 16 * 1024;
/** As long as an identity that an SDK sends may be. */
const MAX_VALUE_LENGTH = 255;
const USER_COLUMNS = ['user', 'user_id', 'userId'];
const SCORE_COLUMN = 'score';

/** The file cannot be read at all; the message is for people. */
export class ScoreFileRefusal extends Error {}

/**
 * Reads a file of scores in pieces: JSON lines, or CSV with a header, of which the columns `user` and `score` count. A user
 * is `usr_42`, or an identity as `<key>:<value>`.
 */
export class ScoreReader {
  private readonly decoder = new TextDecoder();
  private rest = '';
  private line = 0;
  private columns: { user: number; score: number } | null = null;

  constructor(private readonly format: 'csv' | 'jsonl') {}

  /** @throws ScoreFileRefusal where the header does not name the columns */
  push(bytes: Uint8Array): ReadScore[] {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > MAX_LINE_LENGTH)
      throw new ScoreFileRefusal(`A line has more than ${MAX_LINE_LENGTH} characters.`);
    return lines.flatMap((line) => this.read(line));
  }

  end(): ReadScore[] {
    const last = this.rest + this.decoder.decode();
    this.rest = '';
    return last === '' ? [] : this.read(last);
  }

  private read(raw: string): ReadScore[] {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const line = ++this.line;
    if (text.trim() === '') return [];
    if (this.format === 'jsonl') return [{ line, ...readJson(text) }];
    const fields = splitCsv(text);
    if (this.columns === null) {
      this.columns = findColumns(fields ?? []);
      return [];
    }
    if (fields === null) return [{ line, reason: 'unreadable_row' }];
    const score = fields[this.columns.score]?.trim() ?? '';
    return [
      {
        line,
        ...toScore(fields[this.columns.user], score === '' || !isNumber(score) ? score : Number(score)),
      },
    ];
  }
}

function findColumns(header: readonly string[]): { user: number; score: number } {
  const names = header.map((name, at) => (at === 0 ? name.replace(/^\uFEFF/, '') : name).trim());
  const user = names.findIndex((name) => USER_COLUMNS.includes(name));
  const score = names.indexOf(SCORE_COLUMN);
  if (user >= 0 && score >= 0) return { user, score };
  throw new ScoreFileRefusal(
    `The first line names the columns: user and score are needed; there are ${names.join(', ').slice(0, 500)}.`,
  );
}

function readJson(text: string) {
  const row = parseJson(text);
  if (!isJsonObject(row)) return { reason: 'unreadable_row' as const };
  const name = USER_COLUMNS.find((column) => column in row);
  return toScore(name === undefined ? null : row[name], row[SCORE_COLUMN]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toScore(
  user: unknown,
  score: unknown,
): { user: NamedUser; score: number } | { reason: ScoreRowReason } {
  if (user === undefined || user === null || user === '') return { reason: 'missing_user' };
  const named = typeof user === 'string' ? toUser(user.trim()) : null;
  if (named === null) return { reason: 'invalid_user' };
  if (score === undefined || score === null || score === '') return { reason: 'missing_score' };
  if (typeof score !== 'number' || !(score >= 0 && score <= 1)) return { reason: 'invalid_score' };
  return { user: named, score };
}

function toUser(text: string): NamedUser | null {
  const userId = parseUserId(text);
  if (userId !== null) return { userId };
  const identity = parseIdentity(text);
  return identity === null || identity.value.length > MAX_VALUE_LENGTH || text.includes('\u0000')
    ? null
    : { identity };
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
}

/** The fields of a line of CSV (RFC 4180, without line breaks in fields); null where a quote is not closed. */
function splitCsv(text: string): string[] | null {
  if (!text.includes('"')) return text.split(',');
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (!match) return null;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return fields;
  }
}
