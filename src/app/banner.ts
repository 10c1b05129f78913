import type { Config } from '../platform/config/config.js';

/** What a person sees when the service is up: where it is, the key, and what to try next. */
export function banner(start: { adminKey: string | null; startupMs: number; config: Config }): string {
  const { adminKey, config } = start;
  const url = config.publicUrl;
  const lines = [
    '',
    `Rekindle is up at ${url} on port ${config.get('HTTP_PORT')} (${(start.startupMs / 1000).toFixed(1)} s, roles: ${config.get('ROLE').join(', ')})`,
    '',
    ...(adminKey === null
      ? []
      : [`  Admin key   ${adminKey}`, '              Shown this once and kept only as a hash: put it away.']),
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
