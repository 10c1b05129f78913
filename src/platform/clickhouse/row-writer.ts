import { isJsonObject, type Json, type JsonObject } from '../../kernel/json.js';

const FIRST_BYTES = 64 * 1024;
/** Up to this length a text is most often ASCII, and copied faster here than by a call. */
const SHORT_TEXT = 40;
/** Longest UTF-8 form of one UTF-16 unit. */
const UTF8_BYTES_PER_UNIT = 3;
const TWO_32 = 2 ** 32;

/** What finished writers leave to the next ones: buffers of megabytes would else wait long for their collection. */
const spare: Buffer[] = [];
const MOST_SPARE = 4;
const WORTH_SPARING_BYTES = 256 * 1024;
/** A buffer so many times as large as needed is left to a writer that needs it. */
const MOST_TOO_LARGE = 4;

/**
 * Writes rows in ClickHouse's RowBinary format, column after column in the order of the INSERT's column list.
 * It costs the server a third of what JSON text costs (docs/adr/0007-event-table.md).
 *
 * Source: ClickHouse documentation, "RowBinary" and "Data types binary encoding specification" (26.x).
 */
export class RowWriter {
  private bytes: Buffer;
  private view: DataView;
  private length = 0;

  /** @param expectedBytes about how many there will be: what grows is copied, and leaves as much behind */
  constructor(expectedBytes = FIRST_BYTES) {
    this.bytes = takeSpare(expectedBytes) ?? Buffer.allocUnsafeSlow(expectedBytes);
    this.view = toView(this.bytes);
  }

  uint8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  uint32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** UInt64 or Int64; also DateTime64(3) from milliseconds since 1970. Exact for safe integers. */
  int64(value: number): void {
    this.reserve(8);
    const high = Math.floor(value / TWO_32);
    this.view.setUint32(this.length, value - high * TWO_32, true);
    this.view.setInt32(this.length + 4, high, true);
    this.length += 8;
  }

  float64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** @param hex 32 lower-case hex digits */
  uuid(hex: string): void {
    this.reserve(16);
    // Two little-endian halves.
    for (let half = 0; half < 2; half++) {
      for (let i = 7; i >= 0; i--) {
        const at = half * 16 + i * 2;
        this.bytes[this.length++] = (nibble(hex.charCodeAt(at)) << 4) | nibble(hex.charCodeAt(at + 1));
      }
    }
  }

  text(value: string): void {
    const units = value.length;
    this.reserve(units * UTF8_BYTES_PER_UNIT + 4);
    if (units <= SHORT_TEXT && this.shortAscii(value)) return;
    const start = this.length + 4;
    const size = this.bytes.write(value, start);
    this.padded(size, 4);
    this.length = start + size;
  }

  /**
   * The value of a JSON column: texts, numbers (always Float64), booleans and lists of texts.
   * Null is left out, and so are nested objects, which decoding makes texts of.
   */
  json(value: JsonObject): void {
    this.reserve(2);
    const start = this.length;
    this.length += 2;
    let count = 0;
    for (const path in value) {
      const item = value[path];
      if (item === null || item === undefined || isJsonObject(item)) continue;
      this.text(path);
      this.dynamic(item);
      count++;
    }
    const end = this.length;
    this.length = start;
    this.padded(count, 2);
    this.length = end;
  }

  /** A `Map(String, Float64)` of less than 128 entries. */
  numberMap(entries: readonly (readonly [name: string, value: number])[]): void {
    this.uint8(entries.length);
    for (const [name, value] of entries) {
      this.text(name);
      this.float64(value);
    }
  }

  /** What was written, to be sent; the writer is of no use after. */
  toBuffer(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Leaves the memory, with what `toBuffer` gave, to the next writer. */
  release(): void {
    if (this.bytes.length >= WORTH_SPARING_BYTES && spare.length < MOST_SPARE) spare.push(this.bytes);
    this.bytes = Buffer.alloc(0);
  }

  private dynamic(value: string | number | boolean | readonly Json[]): void {
    switch (typeof value) {
      case 'string':
        this.uint8(TYPE.text);
        this.text(value);
        break;
      case 'number':
        this.uint8(TYPE.float64);
        this.float64(value);
        break;
      case 'boolean':
        this.uint8(TYPE.bool);
        this.uint8(value ? 1 : 0);
        break;
      default:
        this.list(value);
    }
  }

  private list(values: readonly Json[]): void {
    this.uint8(TYPE.array);
    this.uint8(TYPE.text);
    this.reserve(4);
    this.padded(values.length, 4);
    for (const value of values) this.text(typeof value === 'string' ? value : JSON.stringify(value));
  }

  private shortAscii(value: string): boolean {
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = value.length;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[at++] = unit;
    }
    this.length = at;
    return true;
  }

  /** A variable-length number in a fixed count of bytes: readers take the long form as well as the short one. */
  private padded(value: number, bytes: number): void {
    let rest = value;
    for (let i = 1; i < bytes; i++) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + bytes));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
    this.view = toView(grown);
  }
}

/** Type codes of ClickHouse's binary encoding. */
const TYPE = { float64: 0x0e, text: 0x15, array: 0x1e, bool: 0x2d } as const;

function takeSpare(bytes: number): Buffer | undefined {
  const fits = (one: Buffer) => one.length >= bytes && one.length <= bytes * MOST_TOO_LARGE;
  const found = spare.findIndex(fits);
  return found === -1 ? undefined : spare.splice(found, 1)[0];
}

function toView(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function nibble(code: number): number {
  return code <= 0x39 ? code - 0x30 : code - 0x57;
}
