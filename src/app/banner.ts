import type { Config } from '../platform/config/config.js';

/** What a person sees when the service is up: where it is, the key, and what to try next. */
export function banner(start: { url: string; adminKey: string | null; startupMs: number; config: Config }): string {
  const { url, adminKey, config } = start;
  const lines = [
    '',
    `Rekindle is up at ${url} (${(start.startupMs / 1000).toFixed(1)} s, roles: ${config.get('ROLE').join(', ')})`,
    '',
    ...(adminKey === null ? [] : [`  Admin key   ${adminKey}`, '              Shown this once and kept only as a hash: put it away.']),
    `  SDKs        ${url}/sa?project=default`,
    `  API         ${url}/docs`,
    `  Health      ${url}/health/ready`,
    '',
    `  Try next    ADMIN_API_KEY=${adminKey ?? '<your admin key>'} npm run demo`,
    '',
    '',
  ];
  return lines.join('\n');
}
