import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { findUser, storedEvents, timelineOf } from '../support/stored-events.js';

const MB = 1024 * 1024;
/** Long enough for what is sent in full to a machine that is busy. */
const REQUEST_TIMEOUT_MS = 8_000;

/** What nobody sends who means well; each case has to leave the service as it was. */
describe('hostile input', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle({
      HTTP_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
      JOURNAL_BUFFER_BYTES: String(8 * MB),
    });
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
  });
  // Whatever was sent: what comes after it is stored, and nothing was logged as a failure.
  afterEach(async () => {
    await send(JSON.stringify(track('afterwards', 'Stored')));
    expect(await storedEvents(project, '$identity_anonymous_id:afterwards', 1)).toHaveLength(1);
    expect(rekindle.output).not.toMatch(/batch failed|decoding failed/);
  });
  afterAll(() => rekindle.stop());

  const address = () => `${rekindle.url}/sa?project=${project.slug}`;
  const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(address(), {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
  const form = (json: string | Buffer) =>
    `data_list=${encodeURIComponent(gzipSync(json).toString('base64'))}&gzip=1`;
  const multipart = (field: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n${value}\r\n--b--\r\n`;
  const lettersOf = (count = 1) =>
    waitFor(async () => {
      const { items } = (await project.api('GET', 'dead-letters?limit=500')).json;
      return items.length >= count ? (items as { reason: string; detail: string }[]) : null;
    });
  const recordText = (properties: string, id = 'victim') =>
    `{"type":"track","event":"Hostile","distinct_id":"${id}","time":${Date.now()},"properties":{${properties}}}`;

  it.each<[string, () => string | Buffer, string]>([
    ['a zip bomb in a form', () => form('x'.repeat(30 * MB)), 'inflated_too_large'],
    [
      'a zip bomb of good records',
      () => form(`[${new Array(100_000).fill(recordText('')).join()}]`),
      'inflated_too_large',
    ],
    ['a zip bomb as the body', () => gzipSync('x'.repeat(30 * MB)), 'inflated_too_large'],
    ['a zip bomb in a zip bomb', () => gzipSync(form('x'.repeat(30 * MB))), 'inflated_too_large'],
    [
      'a zip bomb in multipart',
      () => multipart('data_list', gzipSync('x'.repeat(30 * MB)).toString('base64')),
      'inflated_too_large',
    ],
    [
      'gzip that is cut',
      // Whole groups of four, so that what is cut is the gzip and not the base64.
      () =>
        `data_list=${encodeURIComponent(gzipSync(recordText('')).toString('base64').slice(0, 64))}&gzip=1`,
      'undecodable_gzip',
    ],
    ['gzip that is broken', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), 'undecodable_gzip'],
    ['a million brackets', () => '['.repeat(4 * MB), 'too_complex'],
    ['a million empty objects', () => `[${'{},'.repeat(1.5 * MB)}{}]`, 'too_complex'],
    [
      'bytes that are not UTF-8',
      () =>
        Buffer.concat([
          Buffer.from('{"type":"track","event":"'),
          Buffer.from([0xff, 0xfe]),
          Buffer.from('"}'),
        ]),
      'invalid_json',
    ],
    [
      'packed bytes that are not UTF-8',
      () => form(Buffer.from([0x5b, 0x22, 0xc3, 0x22, 0x5d])),
      'invalid_json',
    ],
    ['a name like a path', () => JSON.stringify(track('a', '../../etc/passwd')), 'invalid_name'],
    ['a type like a path', () => '{"type":"../track","distinct_id":"a"}', 'unknown_record_type'],
    [
      'an item type like a path',
      () => '{"type":"item_set","item_type":"../books","item_id":"1"}',
      'invalid_name',
    ],
    ['an event that every object has', () => JSON.stringify(track('a', 'toString')), 'invalid_name'],
    [
      'a prototype as the record',
      () => '{"__proto__":{"type":"track","distinct_id":"a","event":"A"}}',
      'not_a_record',
    ],
    [
      'a negative time',
      () => JSON.stringify({ ...track('a', 'A'), time: -1_700_000_000_000 }),
      'invalid_time',
    ],
    ['a time of 19 digits', () => JSON.stringify({ ...track('a', 'A'), time: 1e18 }), 'invalid_time'],
    ['a time that is a word', () => JSON.stringify({ ...track('a', 'A'), time: 'NaN' }), 'invalid_time'],
    ['a time beyond all numbers', () => recordText('').replace(/"time":\d+/, '"time":1e400'), 'invalid_time'],
    [
      'history of the year 2280',
      () => JSON.stringify(track('a', 'A', {}, 9_800_000_000_000)),
      'time_too_far_ahead',
    ],
  ])('makes a dead letter of %s', async (_name, make, reason) => {
    expect((await send(make())).status).toBe(200);
    const letters = await lettersOf();
    expect(letters.map((letter) => letter.reason)).toEqual([reason]);
    expect(letters[0]?.detail).not.toBe('');
  });

  it('stores the neighbours of hostile records, and what of these can be stored', async () => {
    const records = [
      recordText('"n":1'),
      recordText(
        '"huge":1e400,"tiny":-1e400,"integer":123456789012345678901234567890,"wide":18446744073709551615,"n":2',
      ),
      recordText('"__proto__":{"polluted":1},"constructor":{"prototype":1},"toString":"x","valueOf":1,"n":3'),
      recordText(`${Array.from({ length: 10_000 }, (_, i) => `"p${i}":${i}`).join()},"n":4`),
      recordText(`"deep":${'['.repeat(150)}${']'.repeat(150)},"object":{"a":{"b":"\\u0000\\ud800"}},"n":5`),
      recordText('"a":1,"a":"text","a":[1,"two",null,{"b":3}],"n":6'),
      recordText(
        '"text":"\\u0000\\ud83d \\uffff \\u2028","path":"../../etc/passwd","sql":"\'; DROP TABLE event; --","n":7',
      ),
      `{"type":"track","event":"Hostile","distinct_id":"victim","identities":{"__proto__":"a","toString":"b","$identity_email":"v@example.com"},"time":${Date.now()},"properties":{"n":8}}`,
      recordText('"n":9'),
      'null',
      '[[[]]]',
      '{"type":{"toString":1}}',
    ];
    expect((await send(form(`[${records.join()}]`))).status).toBe(200);
    const events = await storedEvents(project, '$identity_anonymous_id:victim', 9);
    const byNumber = new Map(events.map((event) => [event.properties['n'], event.properties]));
    // Of the fourth record the 1,000 first properties are kept, and n is not among them.
    expect([...byNumber.keys()].filter((n) => n !== undefined).sort()).toEqual([1, 2, 3, 5, 6, 7, 8, 9]);
    expect(byNumber.get(2)).toMatchObject({
      integer: 1.2345678901234568e29,
      $illegal_keys: ['huge', 'tiny'],
    });
    expect(Object.keys(byNumber.get(3) ?? {})).not.toEqual(expect.arrayContaining(['toString', 'valueOf']));
    expect(byNumber.get(6)).toMatchObject({ a: ['1', 'two', '{"b":3}'] });
    expect(byNumber.get(7)).toMatchObject({ path: '../../etc/passwd', sql: "'; DROP TABLE event; --" });
    const user = await findUser(project, '$identity_email:v@example.com');
    const { identities } = (await project.api('GET', `users/${user?.id}`)).json;
    expect(Object.keys(identities)).toEqual(expect.not.arrayContaining(['toString', '__proto__']));
    expect((await lettersOf(3)).map(({ reason }) => reason)).toEqual([
      'not_a_record',
      'not_a_record',
      'not_a_record',
    ]);
  });

  it('stores the same name with every kind of value, one after the other', async () => {
    const values = [
      '1',
      '"text"',
      'true',
      '["a"]',
      '{"b":1}',
      '1.5',
      '-1e308',
      '"2026-01-01"',
      '18446744073709551615',
      '1e30',
    ];
    const records = values.map((value, i) => recordText(`"same":${value},"n":${i}`, 'kinds'));
    expect((await send(form(`[${records.join()}]`))).status).toBe(200);
    expect(await storedEvents(project, '$identity_anonymous_id:kinds', values.length)).toHaveLength(
      values.length,
    );
  });

  it('takes the first 10,000 of 100,000 records', async () => {
    const records = Array.from({ length: 100_000 }, (_, i) => recordText(`"i":${i}`, 'flood'));
    expect((await send(form(`[${records.join()}]`))).status).toBe(200);
    expect(await lettersOf()).toMatchObject([
      { reason: 'too_many_records', detail: '90000 records are beyond the 10000 of one request.' },
    ]);
    const count = await waitFor(async () => {
      const events = await timelineOf(project, '$identity_anonymous_id:flood');
      return events.length >= 10_000 ? events.length : null;
    });
    expect(count).toBe(10_000);
  });

  it('lets a profile grow to its limit and no further', async () => {
    const part = (n: number) =>
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${n}_${i}`, 'x'.repeat(8_000)]));
    for (let n = 0; n < 6; n++) {
      const record = { ...track('glutton', ''), type: 'profile_set', properties: part(n) };
      expect((await send(JSON.stringify(record))).status).toBe(200);
    }
    await send(JSON.stringify(track('glutton', 'Done')));
    await storedEvents(project, '$identity_anonymous_id:glutton', 1);
    const { properties } = (await findUser(project, '$identity_anonymous_id:glutton')) ?? { properties: {} };
    expect(Object.keys(properties)).toHaveLength(120);
    const metrics = await (await fetch(`${rekindle.url}/metrics`)).text();
    expect(metrics).toMatch(
      /flow_outcome_total\{flow="ingest",step="profile",kind="drop",reason="profile_full"\} 3/,
    );
  });

  it('cuts off bodies that never end, without an answer that makes a phone forget', async () => {
    const slow = await Promise.all(Array.from({ length: 30 }, () => openSlowly(rekindle.url, address())));
    const startedAt = Date.now();
    let cutOff = 0;
    for (const { closed } of slow) void closed.then(() => cutOff++);
    // Beside them the service answers as ever: it waits for the end of none.
    expect((await send(JSON.stringify(track('beside', 'Stored')))).status).toBe(200);
    expect(cutOff).toBe(0);
    const heard = await Promise.all(slow.map(({ closed }) => closed));
    // It looks at them as often as they may last.
    expect(Date.now() - startedAt).toBeLessThan(3 * REQUEST_TIMEOUT_MS);
    expect(new Set(heard)).toEqual(new Set(['']));
    expect(await storedEvents(project, '$identity_anonymous_id:beside', 1)).toHaveLength(1);
  });

  it('sheds many large bodies that come at once, and stores exactly those that it took', async () => {
    const bodies = Array.from({ length: 24 }, (_, n) => {
      // Random, so that it does not pack: what is large on the way is large in memory.
      const noise = Array.from({ length: 400 }, () => Math.random().toString(36)).join('');
      const record = track('crowd', 'Large', {
        n,
        ...Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`p${i}`, noise.slice(i, i + 1_000)])),
      });
      return { n, body: `[${JSON.stringify(record)},${JSON.stringify({ junk: 'x'.repeat(2 * MB) })}]` };
    });
    const answers = await Promise.all(
      bodies.map(async ({ n, body }) => ({ n, status: (await send(body)).status })),
    );
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    const taken = answers.filter(({ status }) => status === 200).map(({ n }) => n);
    expect(taken.length).toBeGreaterThan(0);
    const events = await storedEvents(project, '$identity_anonymous_id:crowd', taken.length);
    expect(events.map(({ properties }) => properties['n']).sort()).toEqual([...taken].sort());
  });

  it('needs no more memory for all of this than a small machine has', async () => {
    const status = await readFile(`/proc/${rekindle.pid}/status`, 'utf8');
    const peakKb = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
    expect(peakKb).toBeLessThan(1_000_000);
  });
});

/** Sends the beginning of a body, a byte a while, for ever. @returns what was heard until the end */
function openSlowly(base: string, address: string): Promise<{ closed: Promise<string> }> {
  const { hostname, port, pathname, search } = new URL(address);
  return new Promise((opened, failed) => {
    const socket: Socket = connect(Number(port), hostname, () => {
      socket.write(
        `POST ${pathname}${search} HTTP/1.1\r\nHost: ${new URL(base).host}\r\nContent-Length: 100000\r\n\r\ndata=`,
      );
      const drip = setInterval(() => socket.write('A'), 100);
      let heard = '';
      socket.on('data', (bytes) => {
        heard += bytes.toString();
      });
      opened({
        closed: new Promise((done) => {
          socket.on('error', () => undefined);
          socket.on('close', () => {
            clearInterval(drip);
            done(heard);
          });
        }),
      });
    });
    socket.on('error', failed);
  });
}
