import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser with a profile of its own. */
export interface TestBrowser {
  context: BrowserContext;
  stop: () => Promise<void>;
}

/**
 * The browser of this machine; null where there is none and none is required.
 * @throws where `REQUIRE_BROWSER=1` says that there must be one
 */
export function findBrowser(): string | null {
  const found = PLACES.find((place) => existsSync(place));
  if (found) return found;
  const reason = `There is no browser at ${PLACES.join(', ')}: install one with "apt-get install chromium".`;
  if (process.env['REQUIRE_BROWSER'] === '1') throw new Error(reason);
  process.stderr.write(`The tests in a browser are skipped. ${reason}\n`);
  return null;
}

export async function startBrowser(executablePath: string): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'rekindle-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: QUIET,
  });
  return {
    context,
    stop: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
