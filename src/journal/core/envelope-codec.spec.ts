import fc from 'fast-check';
import type { Envelope } from '../../kernel/event.js';
import { decodeEnvelopes, encodeEnvelope } from './envelope-codec.js';

const envelope: fc.Arbitrary<Envelope> = fc.record({
  source: fc.constantFrom('sensorsdata', 'internal'),
  projectId: fc.integer({ min: 1, max: 1_000_000 }),
  receivedAt: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  ip: fc.string(),
  userAgent: fc.string({ unit: 'grapheme' }),
  query: fc.string(),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

describe('envelope codec', () => {
  it('gives back what was written, in order', () => {
    fc.assert(
      fc.property(fc.array(envelope, { maxLength: 20 }), (envelopes) => {
        expect(decodeEnvelopes(Buffer.concat(envelopes.map(encodeEnvelope)))).toEqual(envelopes);
      }),
    );
  });

  it('refuses a row that was cut short', () => {
    const row = encodeEnvelope({
      source: 's',
      projectId: 1,
      receivedAt: 1,
      ip: '',
      userAgent: '',
      query: '',
      body: Buffer.from('abc'),
    });
    expect(() => decodeEnvelopes(row.subarray(0, row.length - 1))).toThrow(RangeError);
  });
});
