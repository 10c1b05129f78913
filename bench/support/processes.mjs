import { readdir, readFile } from 'node:fs/promises';

/** `/proc` counts the time of a processor in hundredths of a second. */
const MS_PER_TICK = 10;

/** Proportional memory (PSS) of a process and of its descendants, in MiB. */
export async function memoryMib(pid) {
  let service = 0;
  let all = 0;
  for (const { id } of await withDescendants(pid)) {
    const text = await readFile(`/proc/${id}/smaps_rollup`, 'utf8').catch(() => '');
    const mib = Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
    all += mib;
    if (id === pid) service = mib;
  }
  return { service, all };
}

/** Time of the processor that a service and its engines have taken, ended children included, in ms. */
export async function cpuMs(pid) {
  const taken = { service: 0, postgres: 0, clickhouse: 0 };
  for (const { id, fields } of await withDescendants(pid)) {
    const command = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    const name = id === pid ? 'service' : command.includes('postgres') ? 'postgres' : 'clickhouse';
    // utime, stime, cutime and cstime of proc(5); what the service's own ended children took is the engines' start.
    const ticks = fields.slice(11, id === pid ? 13 : 15).reduce((sum, field) => sum + Number(field), 0);
    taken[name] += ticks * MS_PER_TICK;
  }
  return taken;
}

/** By id, with the fields of `/proc/<id>/stat` from the third on. */
async function withDescendants(pid) {
  const children = new Map();
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const entry = { id: Number(id), fields };
    children.set(fields[1], [...(children.get(fields[1]) ?? []), entry]);
    if (Number(id) === pid) children.set('root', [entry]);
  }
  const found = [...(children.get('root') ?? [])];
  for (const { id } of found) found.push(...(children.get(String(id)) ?? []));
  return found;
}

/** What a load took of the processor, as `service / PostgreSQL / ClickHouse`, in microseconds an event. */
export function describeCpu(before, after, events) {
  const of = (name) => (((after[name] - before[name]) * 1000) / events).toFixed(0);
  return ['service', 'postgres', 'clickhouse'].map(of).join(' / ');
}
