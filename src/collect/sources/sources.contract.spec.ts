import { EVENT_SOURCES } from './index.js';

const OUTCOMES = ['stored', 'shed', 'unknown_project', 'wrong_token', 'too_large'] as const;

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
    const addresses = EVENT_SOURCES.flatMap(({ routes }) => routes.map(({ lastSegment }) => lastSegment));
    expect(new Set(addresses).size).toBe(addresses.length);
  });
});

describe.each(EVENT_SOURCES)('$name', (source) => {
  const requests = source.routes.flatMap(({ methods, lastSegment }) =>
    methods.map((method) => ({ method, path: `/any/${lastSegment}` })),
  );

  it.each(requests)('answers every outcome of $method $path', (request) => {
    for (const outcome of OUTCOMES) {
      const reply = source.reply(outcome, request);
      expect(reply.status).toBeGreaterThanOrEqual(200);
      expect(reply.headers).toBeDefined();
    }
  });

  it.each(requests)('makes the SDK keep what is shed at $method $path, and drop the rest', (request) => {
    expect(source.reply('shed', request).status).toBe(503);
    for (const outcome of OUTCOMES.filter((other) => other !== 'shed')) {
      expect([403, 404]).not.toContain(source.reply(outcome, request).status);
      expect(source.reply(outcome, request).status).toBeLessThan(500);
    }
  });
});
