import { startWithData } from './support/data.mjs';
import { report, timed } from './support/report.mjs';

/** Fills a folder with the data set that other cases take by `--data`, and stops. */
export async function run({ data, events = 5_000_000, users = 250_000 }) {
  if (!data) throw new Error('Say where: --data <folder>.');
  const { answer: loaded, ms } = await timed(() => startWithData({ data, events, users }));
  const [{ bytes, parts }] = await loaded.read(
    `SELECT sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts WHERE active AND table = 'event'`,
  );
  await loaded.end();
  await report('load', [
    {
      events: loaded.events,
      users: loaded.users,
      s: Math.round(ms / 1000),
      'bytes per event': Math.round(Number(bytes) / loaded.events),
      parts: Number(parts),
    },
  ]);
}
