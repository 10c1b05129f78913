import { makeBatches, makeSingles } from './support/events.mjs';
import { sendAll, toRequest } from './support/load.mjs';
import { cpuMs, describeCpu } from './support/processes.mjs';
import { median, quantile, report } from './support/report.mjs';
import { startBaseline, startService, storedEvents } from './support/service.mjs';

/** Every look at the metrics costs the service some milliseconds. */
const LOOK_MS = 100;

/**
 * How many events per second are acknowledged, and how many go through the whole flow, in batches of 50 (gzip) and one
 * by one; each run against a bare Fastify handler that only parses the same bodies, in turn with it.
 */
export async function run({ runs = 3, seconds = 8 }) {
  const baseline = await startBaseline();
  const service = await startService();
  const rows = [];
  for (const [name, size, expectedPerSecond, connections] of [
    ['batches of 50, gzip', 50, 30_000, 16],
    ['single events', 1, 8_000, 64],
  ]) {
    const results = [];
    for (let i = 0; i < runs; i++)
      results.push(
        await measure({
          baseline,
          service,
          size,
          seconds,
          expectedPerSecond,
          connections,
          seed: size * 10 + i + 1,
        }),
      );
    const of = (key) => median(results.map((result) => result[key]));
    rows.push({
      case: name,
      runs,
      'acknowledged/s': Math.round(of('acknowledged')),
      'through the flow/s': Math.round(of('stored')),
      'baseline/s': Math.round(of('baseline')),
      'flow : baseline': Number((of('stored') / of('baseline')).toFixed(3)),
      'ack p50 ms': Number(of('p50').toFixed(1)),
      'ack p99 ms': Number(of('p99').toFixed(1)),
      'CPU us/event': results.at(-1).cpu,
      'answers other than 200': results.reduce((sum, { refused }) => sum + refused, 0),
    });
  }
  await service.stop();
  await service.remove();
  baseline.stop();
  await report('ingest', rows);
}

async function measure({ baseline, service, size, seconds, expectedPerSecond, connections, seed }) {
  const count = Math.ceil((seconds * expectedPerSecond) / size / 2);
  const bodies = size === 1 ? makeSingles({ count, seed }) : makeBatches({ count, size, seed });
  const requests = bodies.map((body) => toRequest('/sa?project=default', body));
  const bare = await sendAll({ port: baseline.port, requests, connections });
  const before = await storedEvents(service.port);
  const cpuBefore = await cpuMs(service.pid);
  const startedAt = performance.now();
  const sent = await sendAll({ port: service.port, requests, connections });
  const accepted = (sent.answers['200'] ?? 0) * size;
  while ((await storedEvents(service.port)) - before < accepted) {
    if (performance.now() - startedAt > 180_000)
      throw new Error('the flow did not catch up within three minutes');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const flowMs = performance.now() - startedAt;
  return {
    acknowledged: (accepted * 1000) / sent.elapsedMs,
    stored: (accepted * 1000) / flowMs,
    baseline: (count * size * 1000) / bare.elapsedMs,
    p50: quantile(sent.latenciesMs, 0.5),
    p99: quantile(sent.latenciesMs, 0.99),
    cpu: describeCpu(cpuBefore, await cpuMs(service.pid), accepted),
    refused: count - (sent.answers['200'] ?? 0),
  };
}
