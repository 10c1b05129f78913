import { processCommand, processStart, startTicks } from './process-identity.js';

const stat = (name: string, state: string) =>
  `42 (${name}) ${state} 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 10`;

describe('The identity of a process', () => {
  it.each([
    ['an ordinary name', 'node', 'S', '987654'],
    ['a name with blanks and brackets', 'a) R 1 (b', 'R', '987654'],
    ['a zombie, which counts as gone', 'node', 'Z', undefined],
  ])('is its start time: %s', (_, name, state, ticks) => {
    expect(startTicks(stat(name, state))).toBe(ticks);
  });

  it('is the same at every look, and there is none without a process', async () => {
    expect(await processStart(process.pid)).toBe(await processStart(process.pid));
    expect(await processStart(process.pid)).toBeDefined();
    expect(await processStart(4_194_305)).toBeUndefined();
    expect(await processCommand(process.pid)).toContain('node');
    expect(await processCommand(4_194_305)).toBeUndefined();
  });
});
