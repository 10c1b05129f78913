import type { Envelope } from '../../kernel/event.js';

interface Header {
  s: string;
  p: number;
  t: number;
  i: string;
  u: string;
  q: string;
}

/**
 * The bytes of one journal row: envelopes one after another, each as
 * `u32 length of header | header (JSON) | u32 length of body | body`, lengths big-endian.
 */
export function encodeEnvelope(envelope: Envelope): Buffer {
  const header: Header = {
    s: envelope.source,
    p: envelope.projectId,
    t: envelope.receivedAt,
    i: envelope.ip,
    u: envelope.userAgent,
    q: envelope.query,
  };
  const headerText = JSON.stringify(header);
  const headerBytes = Buffer.byteLength(headerText);
  const encoded = Buffer.allocUnsafe(8 + headerBytes + envelope.body.length);
  encoded.writeUInt32BE(headerBytes, 0);
  encoded.write(headerText, 4);
  encoded.writeUInt32BE(envelope.body.length, 4 + headerBytes);
  envelope.body.copy(encoded, 8 + headerBytes);
  return encoded;
}

/**
 * Reads the envelopes of one journal row, in the order in which they were written.
 * @throws RangeError where the bytes are cut short: the row was not written by `encodeEnvelope`
 */
export function decodeEnvelopes(payload: Buffer): Envelope[] {
  const envelopes: Envelope[] = [];
  let offset = 0;
  while (offset < payload.length) {
    const headerEnd = offset + 4 + payload.readUInt32BE(offset);
    const header = JSON.parse(payload.toString('utf8', offset + 4, headerEnd)) as Header;
    const bodyEnd = headerEnd + 4 + payload.readUInt32BE(headerEnd);
    if (bodyEnd > payload.length) throw new RangeError('The journal row is cut short.');
    envelopes.push({
      source: header.s,
      projectId: header.p,
      receivedAt: header.t,
      ip: header.i,
      userAgent: header.u,
      query: header.q,
      body: payload.subarray(headerEnd + 4, bodyEnd),
    });
    offset = bodyEnd;
  }
  return envelopes;
}
