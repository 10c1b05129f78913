import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.js';

/** Random access to the bytes of a file. */
export interface ByteSource {
  readonly length: number;
  /** The bytes from `offset` on; fewer at the end of the file. */
  read(offset: number, length: number): Buffer;
}

/** The file is no MaxMind database, or is damaged. */
export class MmdbError extends Error {}

const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const METADATA_SEARCH_BYTES = 128 * 1024;
const DATA_SEPARATOR_BYTES = 16;
const IPV4_BITS_IN_IPV6 = 96;

/**
 * Reads a MaxMind database (`.mmdb`) piece by piece, so that a file of 100 MB costs no memory: every library takes the
 * whole file into a buffer.
 * Source: MaxMind DB file format, version 2.0.
 */
export class Mmdb {
  private readonly data: ValueReader;
  private readonly nodeCount: number;
  private readonly recordBits: number;
  private readonly treeBytes: number;
  private readonly isIpv6: boolean;
  private readonly ipv4Root: number;

  /** @throws MmdbError where the file is no such database */
  constructor(private readonly bytes: ByteSource) {
    const metadata = readMetadata(bytes);
    this.nodeCount = toNumber(metadata, 'node_count');
    this.recordBits = toNumber(metadata, 'record_size');
    if (![24, 28, 32].includes(this.recordBits)) {
      throw new MmdbError(`A record size of ${this.recordBits} bits is not known.`);
    }
    this.treeBytes = (this.nodeCount * this.recordBits) / 4;
    this.data = new ValueReader(bytes, this.treeBytes + DATA_SEPARATOR_BYTES);
    this.isIpv6 = toNumber(metadata, 'ip_version') === 6;
    this.ipv4Root = this.isIpv6 ? this.walk(0, new Uint8Array(IPV4_BITS_IN_IPV6 / 8)) : 0;
  }

  /**
   * What the database says about an address; null where it says nothing.
   * @param address 4 or 16 bytes
   * @throws MmdbError where the file is damaged
   */
  find(address: Uint8Array): Json {
    const isIpv4 = address.length === 4;
    if (!isIpv4 && !this.isIpv6) return null;
    const record = this.walk(isIpv4 ? this.ipv4Root : 0, address);
    return record > this.nodeCount ? this.data.read(record - this.nodeCount + this.treeBytes) : null;
  }

  /** Goes down the tree bit by bit, and gives the number where it ends: a node, nothing (`nodeCount`), or data. */
  private walk(root: number, address: Uint8Array): number {
    let node = root;
    for (let i = 0; i < address.length * 8 && node < this.nodeCount; i++) {
      const isRight = ((address[i >> 3] ?? 0) >> (7 - (i & 7))) & 1;
      node = this.child(node, isRight === 1);
    }
    return node;
  }

  private child(node: number, isRight: boolean): number {
    const nodeBytes = this.recordBits / 4;
    const pair = this.bytes.read(node * nodeBytes, nodeBytes);
    if (pair.length < nodeBytes) throw new MmdbError('The search tree is cut short.');
    switch (this.recordBits) {
      case 24:
        return pair.readUIntBE(isRight ? 3 : 0, 3);
      case 28: {
        const middle = pair[3] ?? 0;
        return isRight
          ? ((middle & 0x0f) << 24) | pair.readUIntBE(4, 3)
          : ((middle & 0xf0) << 20) | pair.readUIntBE(0, 3);
      }
      default:
        return pair.readUInt32BE(isRight ? 4 : 0);
    }
  }
}

function readMetadata(bytes: ByteSource): JsonObject {
  const from = Math.max(0, bytes.length - METADATA_SEARCH_BYTES);
  const marker = bytes.read(from, bytes.length - from).lastIndexOf(METADATA_MARKER);
  if (marker === -1) throw new MmdbError('The file is no MaxMind database.');
  const start = from + marker + METADATA_MARKER.length;
  const metadata = new ValueReader(bytes, start).read(start);
  if (!isJsonObject(metadata)) throw new MmdbError('The metadata of the file is damaged.');
  return metadata;
}

function toNumber(metadata: JsonObject, name: string): number {
  const value = metadata[name];
  if (typeof value !== 'number') throw new MmdbError(`The metadata of the file has no ${name}.`);
  return value;
}

/** Type numbers of the format; those that nobody stores places in (128 bits, containers) are not read. */
const TYPE = {
  extended: 0,
  pointer: 1,
  text: 2,
  double: 3,
  uint16: 5,
  uint32: 6,
  map: 7,
  int32: 8,
  uint64: 9,
  list: 11,
  boolean: 14,
  float: 15,
} as const;
const MAX_DEPTH = 16;
/** More than any place or operator has; a damaged file may claim millions. */
const MAX_ENTRIES = 1_000;
const POINTER_BIAS = [0, 2_048, 526_336, 0];
const SIZE_BIAS = [29, 285, 65_821];

/** Reads values of the data section. */
class ValueReader {
  private offset = 0;

  /** @param base where pointers count from */
  constructor(
    private readonly bytes: ByteSource,
    private readonly base: number,
  ) {}

  read(offset: number): Json {
    this.offset = offset;
    return this.value(0);
  }

  private value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new MmdbError('The data is nested too deep.');
    const control = this.number(1);
    let type = control >> 5;
    if (type === TYPE.pointer) return this.pointed(control, depth);
    if (type === TYPE.extended) type = this.number(1) + 7;
    const size = this.size(control & 0x1f);
    switch (type) {
      case TYPE.text:
        return this.take(size).toString('utf8');
      case TYPE.double:
        return this.take(8).readDoubleBE(0);
      case TYPE.float:
        return this.take(4).readFloatBE(0);
      case TYPE.uint16:
      case TYPE.uint32:
      case TYPE.uint64:
        return this.number(size);
      case TYPE.int32:
        return this.number(size) | 0;
      case TYPE.boolean:
        return size === 1;
      case TYPE.map:
        return this.map(size, depth);
      case TYPE.list:
        return Array.from({ length: limited(size) }, () => this.value(depth + 1));
      default:
        this.take(size);
        return null;
    }
  }

  private map(size: number, depth: number): JsonObject {
    const map: JsonObject = {};
    for (let i = 0; i < limited(size); i++) {
      const key = this.value(depth + 1);
      map[String(key)] = this.value(depth + 1);
    }
    return map;
  }

  private pointed(control: number, depth: number): Json {
    const length = ((control >> 3) & 3) + 1;
    const high = length === 4 ? 0 : (control & 7) * 2 ** (8 * length);
    const target = this.base + (POINTER_BIAS[length - 1] ?? 0) + high + this.number(length);
    const back = this.offset;
    this.offset = target;
    const value = this.value(depth + 1);
    this.offset = back;
    return value;
  }

  private size(low: number): number {
    return low < 29 ? low : (SIZE_BIAS[low - 29] ?? 0) + this.number(low - 28);
  }

  /** A whole number of so many bytes; beyond 53 bits it is not exact. */
  private number(bytes: number): number {
    let value = 0;
    for (const byte of this.take(bytes)) value = value * 256 + byte;
    return value;
  }

  private take(bytes: number): Buffer {
    const taken = this.bytes.read(this.offset, bytes);
    if (taken.length < bytes) throw new MmdbError('The data is cut short.');
    this.offset += bytes;
    return taken;
  }
}

function limited(size: number): number {
  if (size > MAX_ENTRIES) throw new MmdbError(`A list of ${size} entries is no description of an address.`);
  return size;
}
