import { readdirSync } from 'node:fs';

// npm run bench -- <case> [--runs N] [--seconds N] [--events N] [--data folder]
const [name, ...flags] = process.argv.slice(2);
const CASES = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -'.mjs'.length));
if (!CASES.includes(name)) {
  console.error(`Say which: npm run bench -- ${CASES.join(' | ')}`);
  process.exit(2);
}
const options = {};
for (let i = 0; i < flags.length; i += 2) {
  const flag = flags[i].replace(/^--/, '');
  options[flag] = flag === 'data' ? flags[i + 1] : Number(flags[i + 1]);
}
const { run } = await import(`./${name}.mjs`);
await run(options);
