import type { EventSource, KeyedRequest, SourceRoute } from '../core/event-source.js';
import { EVENT_SOURCES } from './index.js';

const OUTCOMES = [
  'stored',
  'shed',
  'unknown_project',
  'wrong_token',
  'origin_not_allowed',
  'too_large',
  'unreadable',
] as const;
const KEPT_BY_PHONES = [403, 404];

const pathOf = (route: SourceRoute) => ('path' in route ? route.path : `/any/${route.lastSegment}`);

describe('the event sources', () => {
  it('have each a name of their own, which is not one of ours', () => {
    const names = EVENT_SOURCES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(['internal', 'refused']).not.toContain(name);
    }
  });

  it('share no address', () => {
    const addresses = EVENT_SOURCES.flatMap(({ routes }) => routes.map(pathOf));
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});

describe.each(EVENT_SOURCES.map((source): [string, EventSource] => [source.name, source]))(
  '%s',
  (_name, source) => {
    const requests = source.routes.flatMap((route) =>
      route.methods.map((method) => ({ method, path: pathOf(route) })),
    );
    const judges = source.routes.some(({ purpose }) => purpose === 'judge');

    it.each(requests)('answers every outcome of $method $path', (request) => {
      for (const outcome of OUTCOMES) {
        const reply = source.reply(outcome, request, 'A "detail".');
        expect(reply.status).toBeGreaterThanOrEqual(200);
        expect(reply.headers).toBeDefined();
      }
    });

    it.each(requests)('makes the client keep what is shed at $method $path, and drop the rest', (request) => {
      expect(source.reply('shed', request, '').status).toBe(503);
      for (const outcome of OUTCOMES.filter((other) => other !== 'shed')) {
        const { status } = source.reply(outcome, request, '');
        expect(status).toBeLessThan(500);
        expect(status).not.toBe(429);
        // Clients that name their project in the address are phones, too.
        if (!source.open) expect(KEPT_BY_PHONES).not.toContain(status);
      }
    });

    it('opens whatever is sent', () => {
      for (const body of ['', '{', '[]', '{"a":1}', '\u0000', '"x"', '['.repeat(100_000)]) {
        for (const { path } of requests) {
          const request: KeyedRequest = { path, query: '', header: () => null, body: Buffer.from(body) };
          const opened = source.open?.(request, 1_000_000);
          if (opened) expect(Buffer.isBuffer(opened.body)).toBe(true);
        }
      }
    });

    it('can judge only what it can open and tell', () => {
      if (!judges) return;
      expect(source.open).toBeDefined();
      const reply = source.tell?.({ accepted: 1, rejected: [], failure: null });
      expect(reply?.status).toBe(200);
    });
  },
);
