import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Rekindle, startRekindleAnew } from '../support/rekindle.js';

describe('the main job', () => {
  let rekindle: Rekindle;
  beforeAll(async () => {
    rekindle = await startRekindleAnew();
  });
  afterAll(() => rekindle.stop());

  it('is shown by the demo of the README, within a minute', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['test/demo/demo.mjs'], {
      env: { PATH: process.env['PATH'], REKINDLE_URL: rekindle.url, ADMIN_API_KEY: rekindle.adminKey },
      timeout: 60_000,
    });
    expect(stdout).toContain('2. the trigger fired for the 6 of 10 who did not pay');
    expect(stdout).toContain('4. the campaign planned 100, sent 98');
    expect(stdout).toContain('returned 1');
    expect(stdout).toContain('7. the install is attributed by device_id; the network was told once: active');
  });
});
