import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineProcess } from './engine-process.js';
import { SupervisedEngine } from './supervised-engine.js';

/** Engines that die when told to; of the starts that are named, none succeeds. */
function setUp(failingStarts: readonly number[] = []) {
  const ports: (number | undefined)[] = [];
  const said: string[] = [];
  const deaths: (() => void)[] = [];
  const start = async (port?: number) => {
    ports.push(port);
    if (failingStarts.includes(ports.length)) throw new Error('it died while it started');
    const ended = new Promise<string>((resolve) => deaths.push(() => resolve('killed')));
    const engine = { ended, lines: ['killed'], stop: async () => undefined } as unknown as EngineProcess;
    return { engine, url: 'http://127.0.0.1:4711', pid: ports.length };
  };
  const supervision = {
    start,
    onDeath: (detail: string) => void said.push(`death: ${detail}`),
    onEnd: (detail: string) => void said.push(`end: ${detail}`),
  };
  return { supervision, ports, said, dies: () => deaths.at(-1)?.() };
}

describe('SupervisedEngine', () => {
  it('starts an engine that died again on its port', async () => {
    const { supervision, ports, said, dies } = setUp();
    const engine = await SupervisedEngine.start(supervision);
    dies();
    await sleep(10);
    expect({ ports, said, pid: engine.pid }).toEqual({
      ports: [undefined, 4711],
      said: ['death: killed'],
      pid: 2,
    });
  });

  it('tries again where it dies while it starts', async () => {
    const { supervision, ports, said, dies } = setUp([2]);
    await SupervisedEngine.start(supervision);
    dies();
    await sleep(400);
    expect(ports).toEqual([undefined, 4711, 4711]);
    expect(said).toEqual(['death: killed', 'death: it died while it started']);
  });

  it('gives up one that dies again and again', async () => {
    const { supervision, said, dies } = setUp();
    await SupervisedEngine.start(supervision);
    for (let i = 0; i < 21; i++) {
      dies();
      await sleep(1);
    }
    expect(said.filter((line) => line.startsWith('end:'))).toEqual(['end: killed']);
  });

  it('leaves one alone that was told to stop', async () => {
    const { supervision, ports, dies } = setUp();
    const engine = await SupervisedEngine.start(supervision);
    await engine.stop();
    dies();
    await sleep(10);
    expect(ports).toHaveLength(1);
  });
});
