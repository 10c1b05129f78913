import { memoryMib } from './support/processes.mjs';
import { median, report } from './support/report.mjs';
import { startService } from './support/service.mjs';

/** From the start of the process to ready, on embedded engines, the first time and again; and the memory at rest. */
export async function run({ runs = 3 }) {
  const first = [];
  const second = [];
  const memory = [];
  for (let i = 0; i < runs; i++) {
    const fresh = await startService();
    first.push(fresh.readyMs);
    await fresh.stop();
    const again = await startService({ dataDir: fresh.dataDir });
    second.push(again.readyMs);
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    memory.push(await memoryMib(again.pid));
    await again.stop();
    await again.remove();
  }
  await report('start', [
    {
      runs,
      'first start s': Number((median(first) / 1000).toFixed(2)),
      'second start s': Number((median(second) / 1000).toFixed(2)),
      'service MiB (PSS)': Math.round(median(memory.map(({ service }) => service))),
      'all processes MiB (PSS)': Math.round(median(memory.map(({ all }) => all))),
    },
  ]);
}
