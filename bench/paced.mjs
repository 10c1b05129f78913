import { makeBatches, makeRecord, makeSingles, random } from './support/events.mjs';
import { sendAll, toRequest } from './support/load.mjs';
import { cpuMs, describeCpu, memoryMib } from './support/processes.mjs';
import { quantile, report } from './support/report.mjs';
import { api, startService, storedEvents } from './support/service.mjs';

const WARM_UP_EVENTS = 20_000;
/** Bodies are made once and sent to as many projects as it takes; to each project they are new. */
const BODIES = 20_000;
const SAMPLE_MS = 5_000;

/**
 * A load on a schedule: batches (gzip), or single events, begin at a fixed rate, whether or not the ones before are answered.
 * Shows what is acknowledged and how fast, how far the flow is behind, how soon an event is on its user's timeline,
 * and what memory it takes. A rate over the capacity shows how the service sheds load.
 *
 * @param options.rate events per second; `size` events of a request; `marks` ms between the events whose timelines are
 *   asked, 0 for none; `backlog` bytes of journal beyond which the service answers 503
 */
export async function run({
  rate = 5_000,
  seconds = 60,
  size = 50,
  marks: markEveryMs = 250,
  backlog = 0,
  connections = 64,
}) {
  const service = await startService({
    env: backlog > 0 ? { JOURNAL_BACKLOG_BYTES: String(backlog) } : {},
  });
  const perSecond = rate / size;
  const count = Math.ceil(perSecond * seconds);
  const bodies = makeBodies({ count: Math.min(count, BODIES), size });
  const projects = await makeProjects(service.port, Math.ceil(count / bodies.length));
  await warmUp(service.port, size);
  const requests = {
    length: count,
    at: (i) => toRequest(`/sa?project=${projects[Math.floor(i / bodies.length)]}`, bodies[i % bodies.length]),
  };
  const before = await storedEvents(service.port);
  const cpuBefore = await cpuMs(service.pid);
  const watch = watchService(service);
  const marks = markTimelines(service.port, markEveryMs);
  const sent = await sendAll({ port: service.port, requests, connections, ratePerSecond: perSecond });
  const visibleMs = (await marks.stop()).sort((a, b) => a - b);
  const accepted = (sent.answers['200'] ?? 0) * size;
  const drainMs = await untilStored(service.port, before + accepted + visibleMs.length);
  const seen = await watch.stop();
  const cpu = describeCpu(cpuBefore, await cpuMs(service.pid), accepted + visibleMs.length);
  await service.stop();
  await service.remove();
  await report('paced', [
    {
      'offered/s': rate,
      'events of a request': size,
      seconds,
      'acknowledged/s': Math.round((accepted * 1000) / sent.elapsedMs),
      answers: JSON.stringify(sent.answers),
      'ack p50 ms': Number(quantile(sent.latenciesMs, 0.5).toFixed(1)),
      'ack p99 ms': Number(quantile(sent.latenciesMs, 0.99).toFixed(1)),
      'visible p50 ms': Math.round(quantile(visibleMs, 0.5)),
      'visible p99 ms': Math.round(quantile(visibleMs, 0.99)),
      'greatest backlog MiB': seen.backlogMib,
      'drained after ms': Math.round(drainMs),
      'service MiB': seen.memoryMib,
      'CPU us/event': cpu,
    },
  ]);
}

async function makeProjects(port, count) {
  const slugs = Array.from({ length: count }, (_, i) => `load-${i}`);
  for (const slug of slugs) await api(port, 'POST', 'projects', { slug, name: slug, timeZone: 'UTC' });
  return slugs;
}

/** So that the first seconds do not show what compiling costs. */
async function warmUp(port, size) {
  const bodies = makeBodies({ count: WARM_UP_EVENTS / size, size, seed: 77 });
  const requests = bodies.map((body) => toRequest('/sa?project=default', body));
  const before = await storedEvents(port);
  await sendAll({ port, requests, connections: 8 });
  await untilStored(port, before + WARM_UP_EVENTS);
}

function makeBodies({ size, ...options }) {
  return size === 1 ? makeSingles(options) : makeBatches({ ...options, size });
}

async function untilStored(port, events) {
  const startedAt = performance.now();
  while ((await storedEvents(port)) < events) {
    if (performance.now() - startedAt > 900_000)
      throw new Error('Events were lost, or the flow stands still.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return performance.now() - startedAt;
}

function watchService({ port, pid }) {
  let backlogBytes = 0;
  let memory = 0;
  const timer = setInterval(async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    backlogBytes = Math.max(backlogBytes, Number(/^journal_backlog_bytes (\S+)/m.exec(text)?.[1] ?? 0));
    memory = Math.max(memory, (await memoryMib(pid)).service);
  }, SAMPLE_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      return { backlogMib: Number((backlogBytes / 2 ** 20).toFixed(1)), memoryMib: Math.round(memory) };
    },
  };
}

/** Sends an event of a new user now and then, and asks for that user's timeline until the event is on it. */
function markTimelines(port, everyMs) {
  const next = random(99);
  const pending = [];
  let marks = 0;
  const timer =
    everyMs > 0 ? setInterval(() => pending.push(markOne(port, next, marks++)), everyMs) : undefined;
  return {
    stop: async () => {
      clearInterval(timer);
      return (await Promise.all(pending)).filter((ms) => ms !== null);
    },
  };
}

/** Null where the event was not acknowledged. */
async function markOne(port, next, i) {
  const id = `mark-${i}`;
  const record = { ...makeRecord(next, 900_000_000 + i, Date.now()), distinct_id: id };
  const answer = await fetch(`http://127.0.0.1:${port}/sa?project=default`, {
    method: 'POST',
    body: `data=${encodeURIComponent(Buffer.from(JSON.stringify(record)).toString('base64'))}`,
  });
  if (answer.status !== 200) return null;
  const acknowledgedAt = performance.now();
  for (;;) {
    const { items } = await api(port, 'GET', `projects/default/users?identity=$identity_anonymous_id:${id}`);
    if (items.length > 0) {
      const timeline = await api(port, 'GET', `projects/default/users/${items[0].id}/timeline`);
      if (timeline.items.length > 0) return performance.now() - acknowledgedAt;
    }
    // Behind a backlog many wait at once: the longer one has waited, the less often it asks.
    const waitedMs = performance.now() - acknowledgedAt;
    await new Promise((resolve) => setTimeout(resolve, Math.max(50, waitedMs / 10)));
  }
}
