import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** What work gives, and how long it took. */
export async function timed(work) {
  const startedAt = performance.now();
  const answer = await work();
  return { answer, ms: performance.now() - startedAt };
}

/** A name that a kept folder does not have yet. */
export function unique(name) {
  return `${name} ${new Date().toISOString()}`;
}

/** Prints the rows as a table and keeps them, with the machine, in bench/results/<name>.json. */
export async function report(name, rows) {
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  console.table(rows);
  await mkdir('bench/results', { recursive: true });
  await writeFile(
    `bench/results/${name}.json`,
    `${JSON.stringify({ name, at: new Date().toISOString(), machine, rows }, null, 2)}\n`,
  );
}
