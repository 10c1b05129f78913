// The main job, end to end, against a running Rekindle: ADMIN_API_KEY=… [REKINDLE_URL=…] npm run demo
import { strict as assert } from 'node:assert';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SensorsAnalytics from 'sa-sdk-node';
import { startOceanEngineStub } from './ocean-engine-stub.mjs';

const url = process.env.REKINDLE_URL ?? 'http://localhost:8080';
const key = process.env.ADMIN_API_KEY;
const startedAt = Date.now();
const USERS = 300;
const DAY_MS = 86_400_000;
const PRODUCT = { name: 'Example Shop', url: 'https://shop.example.com/?from=win-back' };
/** A click counts when a browser makes it. */
const BROWSER =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

if (!key) fail('Say the admin key that the start printed: ADMIN_API_KEY=rk_… npm run demo');
await fetch(`${url}/health/ready`).catch(() =>
  fail(`No Rekindle answers at ${url}: start it with "npm start", or set REKINDLE_URL.`),
);

const slug = `demo-${Date.now().toString(36)}`;
await api('POST', '/projects', { slug, name: 'Demo', timeZone: 'Asia/Shanghai' });
say(`made the project ${slug}`);

const stub = await startOceanEngineStub();
try {
  await collect();
  await trigger();
  const segment = await segmentRun();
  const { campaign, mail } = await campaignRun(segment);
  await clickAndReport(campaign, mail);
  await qrCode();
  await attribution();
  say(`done in ${((Date.now() - startedAt) / 1000).toFixed(0)} s; look around at ${url}/docs`);
} finally {
  stub.stop();
}

// 1. Events of invented users arrive by the real SDK, and are on their timelines.
async function collect() {
  const sdk = openSdk();
  const now = Date.now();
  let sent = 0;
  const send = (user, event, daysAgo, properties = {}) => {
    sdk.track(`user-${user}`, event, { ...properties, $time: new Date(now - daysAgo * DAY_MS + user) });
    sent += 1;
  };
  for (let user = 0; user < USERS; user++) {
    sdk.profileSet(`user-${user}`, {
      email: `user-${user}@example.com`,
      first_name: `User ${user}`,
      member: user % 2 === 0,
    });
    send(user, 'ViewProduct', 20, { product_id: `P${user % 7}` });
    // Every third paid twice and fell silent; of the others some paid once, some came back lately.
    if (user % 3 === 0) {
      send(user, 'PayOrder', 15, { amount: 20 + user });
      send(user, 'PayOrder', 12, { amount: 30 + user });
    } else if (user % 3 === 1) {
      send(user, 'PayOrder', 15, { amount: 20 });
      send(user, 'PayOrder', 10, { amount: 25 });
      send(user, '$pageview', 2, { $url: 'https://shop.example.com/' });
    }
  }
  await sdk.close();
  say(`1. sent ${sent} events and ${USERS} profiles of ${USERS} users through sa-sdk-node`);
  const timeline = await until('the last user to be stored', async () => {
    const { items } = await project('GET', `/users?identity=$identity_anonymous_id:user-${USERS - 1}`);
    const events = items[0] && (await project('GET', `/users/${items[0].id}/timeline`));
    return events?.items.length === 1 && events;
  });
  say(
    `   the timeline of user-${USERS - 1}: ${timeline.items.map(({ event, time }) => `${event} on ${time.slice(0, 10)}`).join(', ')}`,
  );
}

// 2. Viewed a product, then no payment within three seconds.
async function trigger() {
  const made = await project('POST', '/triggers', {
    name: 'Viewed, did not pay',
    rule: {
      version: 1,
      on: { event: 'ViewProduct' },
      unless: { event: 'PayOrder', within: { seconds: 3 } },
      actions: [{ type: 'webhook', url: `${stub.url}/viewed-did-not-pay` }],
    },
  });
  await pause(2_100);
  const sdk = openSdk();
  // All in one request: however slow the machine is, those who pay do so within the three seconds.
  for (let shopper = 0; shopper < 10; shopper++)
    sdk.track(`shopper-${shopper}`, 'ViewProduct', { product_id: 'P1' });
  for (let shopper = 0; shopper < 4; shopper++) sdk.track(`shopper-${shopper}`, 'PayOrder', { amount: 9 });
  await sdk.close();
  const called = () => stub.received.filter(({ path }) => path === '/viewed-did-not-pay');
  await until('the trigger to fire for those who did not pay', async () => called().length >= 6);
  await pause(1_500);
  assert.equal(called().length, 6);
  const { items } = await project('GET', `/triggers/${made.id}/decisions?limit=100`);
  const outcomes = count(items.map(({ outcome, reason }) => (reason ? `${outcome} (${reason})` : outcome)));
  say(`2. the trigger fired for the 6 of 10 who did not pay; its decisions: ${outcomes}`);
}

// 3. Paid at least twice in 30 days, nothing in the last 7 days.
async function segmentRun() {
  const segment = await project('POST', '/segments', {
    name: 'Slipping away',
    definition: {
      version: 1,
      where: {
        all: [
          { event: 'PayOrder', window: { last: { days: 30 } }, compare: { op: 'at_least', value: 2 } },
          { event: '*', window: { last: { days: 7 } }, compare: { op: 'at_most', value: 0 } },
        ],
      },
    },
    schedule: { cron: '* * * * *' },
  });
  const { id } = await project('POST', `/segments/${segment.id}/runs`, {});
  const run = await until('the segment to be computed', async () => {
    const detail = await project('GET', `/segments/${segment.id}/runs/${id}`);
    return detail.state === 'done' && detail;
  });
  assert.equal(run.memberCount, USERS / 3);
  say(`3. the segment has ${run.memberCount} members, found in ${run.durationMs} ms by`);
  process.stdout.write(
    `${run.sql
      .split('\n')
      .map((line) => `      ${line}`)
      .join('\n')}\n`,
  );
  return segment;
}

// 4. An e-mail campaign on it, with one blocklisted address and one user under a frequency cap.
async function campaignRun(segment) {
  await project('POST', '/blocklist', {
    channel: 'email',
    kind: 'address',
    value: 'user-0@example.com',
    reason: 'unsubscribe',
  });
  const capped = (await project('GET', '/users?identity=$identity_anonymous_id:user-3')).items[0].id;
  await project('POST', '/messages', {
    template: 'win-back',
    recipients: [{ userId: capped }],
    variables: { product: PRODUCT },
  });
  await until('the message that the cap counts', async () => {
    const { items } = await project('GET', `/messages?userId=${capped}`);
    return items[0]?.state === 'accepted';
  });
  const campaign = await project('POST', '/campaigns', {
    name: 'Come back',
    segmentId: segment.id,
    templateId: 'win-back',
    variables: { product: PRODUCT, offer: '10 % off your next order, until Sunday.' },
    frequencyCap: { limit: 1, windowDays: 7 },
  });
  await project('POST', `/campaigns/${campaign.id}/activate`);
  await project('POST', `/campaigns/${campaign.id}/run`, { useLatestRun: true });
  const report = await until('the campaign to be sent', async () => {
    const present = await project('GET', `/campaigns/${campaign.id}/report`);
    return present.sent === USERS / 3 - 2 && present.held.total === 2 && present;
  });
  assert.deepEqual(report.held.byReason, { blocklisted: 1, frequency_cap: 1 });
  say(
    `4. the campaign planned ${report.planned}, sent ${report.sent}, held ${JSON.stringify(report.held.byReason)}`,
  );
  const { items } = await project('GET', '/sink/messages?to=user-6@example.com');
  const mail = await project('GET', `/sink/messages/${items[0].id}`);
  say(`   in the mail sink: "${mail.subject}" to ${mail.to}`);
  return { campaign, mail };
}

// 5. A click and an open, a visit, and what the report makes of them.
async function clickAndReport(campaign, mail) {
  const link = /href="([^"]*\/t\/[^"]+)"/.exec(mail.html)?.[1];
  const pixel = /src="([^"]*\/o\/[^"]+)"/.exec(mail.html)?.[1];
  assert.ok(link && pixel, 'the mail has a short link and a pixel');
  const here = (address) => address.replace(/^https?:\/\/[^/]+/, url);
  await fetch(here(pixel), { headers: { 'user-agent': BROWSER } });
  const click = await fetch(here(link), { redirect: 'manual', headers: { 'user-agent': BROWSER } });
  assert.equal(click.status, 302);
  const sdk = openSdk();
  sdk.track('user-6', '$pageview', { $url: click.headers.get('location') });
  await sdk.close();
  const report = await until('the click to be counted', async () => {
    const present = await project('GET', `/campaigns/${campaign.id}/report`);
    return present.clicked === 1 && present.opened === 1 && present.returned.users === 1 && present;
  });
  const user = (await project('GET', '/users?identity=$identity_anonymous_id:user-6')).items[0].id;
  const timeline = await until('the click on the timeline', async () => {
    const { items } = await project('GET', `/users/${user}/timeline`);
    return items.some(({ event }) => event === '$LinkClicked') && items;
  });
  say(
    `5. the click: 302 to ${click.headers.get('location')}; timeline: ${timeline
      .slice(0, 4)
      .map(({ event }) => event)
      .join(', ')}`,
  );
  say(
    `   report: sent ${report.sent}, held ${report.held.total}, opened ${report.opened}, clicked ${report.clicked}, returned ${report.returned.users}`,
  );
}

// 6. QR code of a link.
async function qrCode() {
  const link = await project('POST', '/links', { targetUrl: 'https://shop.example.com/spring' });
  const files = [];
  for (const format of ['png', 'svg']) {
    const answer = await fetch(`${url}/qr/${link.code}.${format}`);
    assert.equal(answer.status, 200);
    const file = join(tmpdir(), `rekindle-demo.${format}`);
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    files.push(file);
  }
  say(`6. QR code of ${link.shortUrl}: ${files.join(', ')}`);
}

// 7. An ad click, then that user's first event: attributed, and the network told once.
async function attribution() {
  await project('PUT', '/ad-networks/ocean_engine/settings', { callbackBaseUrl: stub.url });
  const link = await project('POST', '/ad-links', { network: 'ocean_engine', name: 'Demo', os: 'android' });
  await fetch(`${url}/ad/click/${link.code}?callback=demo-callback&oaid=demo-oaid-0001&os=0&cid=77`);
  const sdk = openSdk();
  sdk.track('phone-1', '$AppInstall', { $oaid: 'demo-oaid-0001' });
  await sdk.close();
  const told = () => stub.received.filter(({ body }) => body?.context?.ad?.callback === 'demo-callback');
  await until('the callback', async () => told().length > 0);
  await pause(1_000);
  assert.equal(told().length, 1);
  const [conversion] = (await project('GET', '/ad-conversions')).items;
  say(
    `7. the install is attributed by ${conversion.matchedBy}; the network was told once: ${told()[0].body.event_type}`,
  );
}

/** The real SDK, sending in batches of 50. */
function openSdk() {
  const sdk = new SensorsAnalytics();
  const submitter = new SensorsAnalytics.Submitter({ url: `${url}/sa?project=${slug}`, gzip: true });
  submitter.catch((error) => fail(`The SDK could not send: ${error}`));
  sdk.inBatch({ count: 50, timeSpan: 100 }).subscribe(submitter);
  return {
    track: (distinctId, event, properties) => sdk.track(distinctId, event, properties),
    profileSet: (distinctId, properties) => sdk.profileSet(distinctId, properties),
    close: () => {
      sdk.onCompleted();
      return pause(300);
    },
  };
}

async function api(method, path, body) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) fail(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

function project(method, path, body) {
  return api(method, `/projects/${slug}${path}`, body);
}

async function until(what, ask, timeoutMs = 30_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) fail(`It took longer than ${timeoutMs / 1000} s: ${what}.`);
    await pause(200);
  }
}

function count(words) {
  const totals = {};
  for (const word of words) totals[word] = (totals[word] ?? 0) + 1;
  return Object.entries(totals)
    .map(([word, n]) => `${n} ${word}`)
    .join(', ');
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(text) {
  process.stdout.write(`[${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
