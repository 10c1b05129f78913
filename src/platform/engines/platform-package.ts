import { createRequire } from 'node:module';
import { EngineStartError } from './engine-start-error.js';

const require = createRequire(import.meta.url);

/** This machine as the engines' packages name it, with `-musl` where the C library is not glibc. */
export function platformName(): string {
  return `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;
}

export function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report: unknown = process.report.getReport();
  return !JSON.stringify(report).includes('"glibcVersionRuntime"');
}

/**
 * Path of a file of an optional package.
 * @param via package that brings it, for layouts that do not put it at the top of node_modules
 */
export function findPackageFile(file: string, via: string): string | undefined {
  for (const from of [() => require, () => createRequire(require.resolve(via))]) {
    try {
      return from().resolve(file);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

export function notAvailable(product: 'PostgreSQL' | 'ClickHouse', platform: string): EngineStartError {
  const [variable, least] =
    product === 'PostgreSQL'
      ? ['DATABASE_URL', 'PostgreSQL server (>= 14)']
      : ['CLICKHOUSE_URL', 'ClickHouse server (>= 24.8)'];
  return new EngineStartError(
    `The embedded ${product} is not available on ${platform}: set ${variable} to a ${least}, or install the optional packages if this platform has them.`,
  );
}
