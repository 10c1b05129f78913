import ipaddr from 'ipaddr.js';

type Value = string | number | boolean | Value[] | { [key: string]: Value };
type Node = [Child, Child];
type Child = Node | { data: number } | null;

/** The bytes of a MaxMind database with these networks, which must not lie within one another. */
export function writeMmdb(
  networks: Record<string, Value>,
  { ipVersion = 4, recordBits = 24 }: { ipVersion?: 4 | 6; recordBits?: 24 | 28 | 32 } = {},
): Buffer {
  const root: Node = [null, null];
  const values: Buffer[] = [];
  let dataBytes = 0;
  for (const [network, value] of Object.entries(networks)) {
    const [address, prefix] = ipaddr.parseCIDR(network);
    const isIpv4 = address.kind() === 'ipv4';
    const bytes = [
      ...(isIpv4 && ipVersion === 6 ? new Array<number>(12).fill(0) : []),
      ...address.toByteArray(),
    ];
    const encoded = encode(value);
    insert(root, bytes, prefix + (isIpv4 && ipVersion === 6 ? 96 : 0), { data: dataBytes });
    values.push(encoded);
    dataBytes += encoded.length;
  }
  const nodes = collect(root);
  const numberOf = (child: Child) =>
    child === null
      ? nodes.length
      : Array.isArray(child)
        ? nodes.indexOf(child)
        : nodes.length + 16 + child.data;
  const metadata = {
    node_count: nodes.length,
    record_size: recordBits,
    ip_version: ipVersion,
    database_type: 'test',
  };
  return Buffer.concat([
    ...nodes.map(([left, right]) => encodeNode(numberOf(left), numberOf(right), recordBits)),
    Buffer.alloc(16),
    ...values,
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    encode(metadata),
  ]);
}

function insert(root: Node, bytes: readonly number[], prefix: number, leaf: { data: number }): void {
  let node = root;
  for (let i = 0; i < prefix; i++) {
    const side = (((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1) as 0 | 1;
    if (i === prefix - 1) {
      node[side] = leaf;
      return;
    }
    const next = node[side];
    if (Array.isArray(next)) node = next;
    else {
      const made: Node = [null, null];
      node[side] = made;
      node = made;
    }
  }
}

function collect(node: Node): Node[] {
  return [node, ...node.flatMap((child) => (Array.isArray(child) ? collect(child) : []))];
}

function encodeNode(left: number, right: number, bits: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(bits / 4);
  if (bits === 28) {
    bytes.writeUIntBE(left & 0xffffff, 0, 3);
    bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
    bytes.writeUIntBE(right & 0xffffff, 4, 3);
  } else {
    bytes.writeUIntBE(left, 0, bits / 8);
    bytes.writeUIntBE(right, bits / 8, bits / 8);
  }
  return bytes;
}

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'boolean') return control(14, value ? 1 : 0);
  if (typeof value === 'number') return encodeNumber(value);
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, entry]) => [encode(key), encode(entry)]),
  ]);
}

function encodeNumber(value: number): Buffer {
  if (Number.isInteger(value) && value >= 0) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Buffer.concat([control(3, 8), bytes]);
}

function control(type: number, size: number): Buffer {
  const low = size < 29 ? size : size < 285 ? 29 : 30;
  const head = type < 8 ? [(type << 5) | low] : [low, type - 7];
  const extra = low === 29 ? [size - 29] : low === 30 ? [(size - 285) >> 8, (size - 285) & 0xff] : [];
  return Buffer.from([...head, ...extra]);
}
