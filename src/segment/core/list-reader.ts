import { parseUserId } from '../../kernel/ids.js';
import { isJsonObject, type JsonObject } from '../../kernel/json.js';
import { parseIdentity } from '../../kernel/parse-identity.js';
import { PROPERTY_NAME, STORABLE_TEXT } from '../../kernel/property-filter.js';
import type { ListRowReason } from '../../kernel/reasons.js';
import { parseCsvRecord } from './parse-csv-record.js';
import { type FileRecord, RecordSplitter } from './record-splitter.js';

/** Formats of an uploaded list. */
export const LIST_FORMATS = ['csv', 'jsonl'] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** Column of user ids, and one of ids or identities as `key:value`; any other column is named by an identity key. */
const USER_COLUMN = 'user_id';
const MIXED_COLUMN = 'identity';
const STANDARD_KEY = '$identity_';
/** As long as an identity that an SDK sends may be. */
export const MAX_VALUE_LENGTH = 255;

/** Key of an entry that names a user by number; no identity has it. */
export const USER_NUMBER_KEY = '';

/** Whom a row names: an identity, or, under `USER_NUMBER_KEY`, the number of a user. */
export interface ListEntry {
  key: string;
  value: string;
}
export type ListRow = { line: number } & (ListEntry | { reason: ListRowReason });

/** Why a file cannot be read at all; the message is for people. */
export class ListFileRefusal extends Error {
  constructor(
    readonly code: 'unclear_column' | 'unknown_column' | 'invalid_column',
    message: string,
  ) {
    super(message);
  }
}

/** Reads an uploaded list in pieces. */
export class ListReader {
  private readonly decoder = new TextDecoder();
  private readonly splitter: RecordSplitter;
  private header: { delimiter: string; index: number; column: string } | null = null;

  /**
   * @param column that names the users; null: the file makes it clear
   * @throws ListFileRefusal from any method
   */
  constructor(
    private readonly format: ListFormat,
    private readonly column: string | null,
  ) {
    this.splitter = new RecordSplitter(format === 'csv');
    if (column !== null) checkColumn(column);
  }

  push(bytes: Uint8Array): ListRow[] {
    return this.read(this.splitter.push(this.decoder.decode(bytes, { stream: true })));
  }

  end(): ListRow[] {
    return this.read([...this.splitter.push(this.decoder.decode()), ...this.splitter.end()]);
  }

  private read(records: readonly FileRecord[]): ListRow[] {
    return records
      .filter(({ text }) => text === null || text.trim() !== '')
      .flatMap(({ line, text }) => {
        if (text === null) return [{ line, reason: 'unreadable_row' as const }];
        return this.format === 'csv' ? this.readCsv(line, text) : [{ line, ...this.readJson(text) }];
      });
  }

  private readCsv(line: number, text: string): ListRow[] {
    if (this.header === null) {
      const isHeader = this.readHeader(text);
      if (isHeader) return [];
    }
    const { delimiter = ',', index = 0, column = MIXED_COLUMN } = this.header ?? {};
    const fields = parseCsvRecord(text, delimiter);
    return [
      { line, ...(fields === null ? { reason: 'unreadable_row' as const } : toEntry(column, fields[index])) },
    ];
  }

  /** @returns false where the file begins with a row */
  private readHeader(text: string): boolean {
    const delimiter = [',', ';', '\t'].reduce((best, each) =>
      text.split(each).length > text.split(best).length ? each : best,
    );
    const names = (parseCsvRecord(text, delimiter) ?? []).map((name) => name.trim());
    const [first = ''] = names;
    if (this.column === null && !('reason' in toEntry(MIXED_COLUMN, first))) {
      this.header = { delimiter, index: 0, column: MIXED_COLUMN };
      return false;
    }
    const column = this.column ?? chooseColumn(names);
    const index = names.indexOf(column);
    if (index < 0)
      throw new ListFileRefusal(
        'unknown_column',
        `There is no column ${column}; there are ${names.join(', ')}.`,
      );
    this.header = { delimiter, index, column };
    return true;
  }

  private readJson(text: string): ListEntry | { reason: ListRowReason } {
    const value = parseJsonLine(text);
    if (typeof value === 'string') return toEntry(this.column ?? MIXED_COLUMN, value);
    if (!isJsonObject(value)) return { reason: 'unreadable_row' };
    const column = this.column ?? chooseField(value);
    if (column === null) return { reason: 'missing_value' };
    return toEntry(column, value[column]);
  }
}

function parseJsonLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The column that can only be meant. */
function chooseColumn(names: readonly string[]): string {
  const [first = ''] = names;
  const standard = names.filter((name) => name.startsWith(STANDARD_KEY));
  const chosen =
    [USER_COLUMN, MIXED_COLUMN].find((name) => names.includes(name)) ??
    (standard.length === 1 ? standard[0] : undefined) ??
    (names.length === 1 ? first : undefined);
  if (chosen === undefined) {
    throw new ListFileRefusal(
      'unclear_column',
      `The columns are ${names.join(', ')}: say with ?column= which one names the users.`,
    );
  }
  checkColumn(chosen);
  return chosen;
}

function chooseField(row: JsonObject): string | null {
  try {
    return chooseColumn(Object.keys(row));
  } catch {
    return null;
  }
}

function checkColumn(column: string): void {
  if (PROPERTY_NAME.safeParse(column).success) return;
  throw new ListFileRefusal(
    'invalid_column',
    `The column ${column.slice(0, 100)} is neither user_id nor identity nor the key of an identity, such as $identity_login_id.`,
  );
}

/** Whom a value of a column names. */
function toEntry(column: string, raw: unknown): ListEntry | { reason: ListRowReason } {
  const text = typeof raw === 'number' ? String(raw) : raw;
  if (text === undefined || text === null) return { reason: 'missing_value' };
  if (typeof text !== 'string') return { reason: 'invalid_identity' };
  const value = text.trim();
  if (value === '') return { reason: 'missing_value' };
  if (column === USER_COLUMN) return toUserEntry(value) ?? { reason: 'invalid_user_id' };
  if (column !== MIXED_COLUMN) return checkEntry({ key: column, value });
  const identity = toUserEntry(value) ?? parseIdentity(value);
  return identity === null ? { reason: 'invalid_identity' } : checkEntry(identity);
}

function toUserEntry(text: string): ListEntry | null {
  const userId = parseUserId(text);
  return userId === null ? null : { key: USER_NUMBER_KEY, value: String(userId) };
}

function checkEntry(entry: ListEntry): ListEntry | { reason: ListRowReason } {
  if (entry.value.length > MAX_VALUE_LENGTH) return { reason: 'value_too_long' };
  const isKey = entry.key === USER_NUMBER_KEY || PROPERTY_NAME.safeParse(entry.key).success;
  return isKey && STORABLE_TEXT.safeParse(entry.value).success ? entry : { reason: 'invalid_identity' };
}
