import { createHash, randomBytes } from 'node:crypto';

/** A point of the curve; null is the point at infinity. */
type Point = readonly [x: bigint, y: bigint] | null;

/** Recommended curve of GB/T 32918.5-2017. */
const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const A = P - 3n;
const G: Point = [
  0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
];

/**
 * Wraps a key by SM2 as GB/T 32918.4-2016 section 6 says: point (with the byte 04), hash, text (C1C3C2).
 * By plain arithmetic, so that it shares nothing with what reads it.
 * @param publicKey uncompressed point in hex
 */
export function wrapSm2(publicKey: string, key: Buffer): string {
  const own: Point = [BigInt(`0x${publicKey.slice(2, 66)}`), BigInt(`0x${publicKey.slice(66)}`)];
  const k = BigInt(`0x${randomBytes(31).toString('hex')}`);
  const shared = toBytes(multiply(own, k));
  const stream = createHash('sm3')
    .update(shared)
    .update(Buffer.of(0, 0, 0, 1))
    .digest();
  const text = Buffer.from(key.map((byte, i) => byte ^ (stream[i] ?? 0)));
  const hash = createHash('sm3')
    .update(shared.subarray(0, 32))
    .update(key)
    .update(shared.subarray(32))
    .digest();
  return Buffer.concat([Buffer.of(4), toBytes(multiply(G, k)), hash, text]).toString('base64');
}

function multiply(point: Point, factor: bigint): Point {
  let sum: Point = null;
  for (let double = point, rest = factor; rest > 0n; rest >>= 1n, double = add(double, double)) {
    if (rest & 1n) sum = add(sum, double);
  }
  return sum;
}

function add(a: Point, b: Point): Point {
  if (!a || !b) return a ?? b;
  const [x1, y1] = a;
  const [x2, y2] = b;
  if (x1 === x2 && y1 !== y2) return null;
  const slope = x1 === x2 ? (3n * x1 * x1 + A) * inverse(2n * y1) : (y2 - y1) * inverse(x2 - x1);
  const x3 = modulo(slope * slope - x1 - x2);
  return [x3, modulo(slope * (x1 - x3) - y1)];
}

/** By Fermat's little theorem. */
function inverse(value: bigint): bigint {
  let result = 1n;
  for (let base = modulo(value), rest = P - 2n; rest > 0n; rest >>= 1n, base = modulo(base * base)) {
    if (rest & 1n) result = modulo(result * base);
  }
  return result;
}

function modulo(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function toBytes(point: Point): Buffer {
  const hex = (point ?? []).map((coordinate) => coordinate.toString(16).padStart(64, '0')).join('');
  return Buffer.from(hex, 'hex');
}
