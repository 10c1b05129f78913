import type { Json } from '../../../kernel/json.js';
import type { ByteSource } from './mmdb.js';

/** No line is longer: the longest has 254. */
const LINE_BYTES = 512;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
/** Every search begins with the same lines: those of so many first steps, some 16,000, are kept. */
const KEPT_STEPS = 14;

interface Line {
  start: number;
  /** Behind its newline. */
  end: number;
  /** First address of the range. */
  first: bigint;
}

/**
 * Network operators of address ranges, out of a text sorted by address: `first,last,number,name` in each line, the
 * addresses as decimal numbers. A look-up reads a few lines of the file.
 * Source: files `*-num.csv` of ip-location-db; quotes as in RFC 4180.
 */
export class CsvRanges {
  private readonly kept = new Map<number, Line>();

  /** @param addressBytes 4 for IPv4, 16 for IPv6: a table holds addresses of one kind */
  constructor(
    private readonly bytes: ByteSource,
    private readonly addressBytes: 4 | 16,
  ) {}

  /**
   * What the table says of an address, in the words of MaxMind's ASN database.
   * @returns null where it says nothing, or holds the other kind
   */
  find(address: Uint8Array): Json {
    if (address.length !== this.addressBytes) return null;
    const wanted = toNumber(address);
    let low = 0;
    let high = this.bytes.length;
    let found: Line | null = null;
    for (let step = 0; low < high; step++) {
      const line = this.lineAt(Math.floor((low + high) / 2), step < KEPT_STEPS);
      if (line.first > wanted) high = line.start;
      else {
        found = line;
        low = line.end;
      }
    }
    return found === null ? null : readRange(this.textOf(found), wanted);
  }

  /** The line that holds the byte at `offset`. */
  private lineAt(offset: number, isKept: boolean): Line {
    const known = isKept ? this.kept.get(offset) : undefined;
    if (known) return known;
    const from = Math.max(0, offset - LINE_BYTES);
    const around = this.bytes.read(from, 2 * LINE_BYTES);
    const place = offset - from;
    const before = place === 0 ? -1 : around.lastIndexOf(NEWLINE, place - 1);
    const newline = around.indexOf(NEWLINE, place);
    const end = newline === -1 ? around.length : newline + 1;
    const first = BigInt(around.toString('latin1', before + 1, around.indexOf(COMMA, before + 1)));
    const line = { start: from + before + 1, end: from + end, first };
    if (isKept) this.kept.set(offset, line);
    return line;
  }

  private textOf({ start, end }: Line): string {
    return this.bytes
      .read(start, end - start)
      .toString('utf8')
      .trimEnd();
  }
}

function toNumber(address: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(address).toString('hex')}`);
}

function readRange(line: string, wanted: bigint): Json {
  const [first = '', last = '', number = ''] = line.split(',', 3);
  if (BigInt(last) < wanted) return null;
  const name = line.slice(first.length + last.length + number.length + 3);
  const organization = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
  return { autonomous_system_number: Number(number), autonomous_system_organization: organization };
}
