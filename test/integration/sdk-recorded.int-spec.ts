import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';
import { findUser, storedEvents } from '../support/stored-events.js';

const FOLDER = 'test/fixtures/sdk';
const GIF = 'R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==';

/** A request as an SDK puts it on the wire, and what has to become of it. See the README of the folder. */
interface Recorded {
  description: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  expected: {
    answer: { status: number; body: string };
    user: string;
    events: {
      event: string;
      source: string;
      /** How long before its sending the event happened, by the phone's own clock. */
      beforeSendingMs?: number;
      /** Of history: when it happened. */
      time?: number;
      properties: Record<string, unknown>;
    }[];
    profile: Record<string, unknown>;
    items: { type: string; id: string; properties: Record<string, unknown> }[];
  };
}

const recordings = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file): [string, Recorded] => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
  ]);

describe('what SDKs put on the wire', () => {
  let rekindle: Rekindle;
  let project: TestProject;

  beforeAll(async () => {
    rekindle = await startRekindle({ COLLECT_BODY_LIMIT_BYTES: '200000' });
  });
  beforeEach(async () => {
    project = await rekindle.newProject();
  });
  afterAll(() => rekindle.stop());

  const send = ({ path, headers, body }: Pick<Recorded, 'path' | 'headers' | 'body'>) =>
    fetch(`${rekindle.url}${path}?project=${project.slug}`, { method: 'POST', headers, body });

  it.each(recordings)('is stored once and answered as the SDK wants it: %s', async (_name, recorded) => {
    const { expected } = recorded;
    const answer = await send(recorded);
    expect({ status: answer.status, body: await answer.text() }).toEqual(expected.answer);
    // A phone that heard no answer sends the same again.
    expect((await send(recorded)).status).toBe(200);
    const events = await storedEvents(project, expected.user, expected.events.length);
    expect(events).toMatchObject(
      expected.events.map(({ event, source, properties }) => ({ event, source, properties })),
    );
    for (const [i, { beforeSendingMs, time }] of expected.events.entries()) {
      const happenedAt = Date.parse(events[i]?.time ?? '');
      if (time !== undefined) expect(happenedAt).toBe(time);
      else expect(Date.parse(events[i]?.receivedAt ?? '') - happenedAt).toBe(beforeSendingMs);
    }
    expect((await findUser(project, expected.user))?.properties).toEqual(expected.profile);
    const items = await Promise.all(
      expected.items.map(async ({ type, id }) => (await project.api('GET', `items/${type}/${id}`)).json),
    );
    expect(items).toMatchObject(expected.items);
    expect(events.some(({ properties }) => properties['$crc_mismatch'])).toBe(false);
    expect((await project.api('GET', 'dead-letters')).json.items).toEqual([]);
  });

  const base64 = (value: unknown) =>
    encodeURIComponent(Buffer.from(JSON.stringify(value)).toString('base64'));

  it('is answered with a pixel that a browser shows, which no cache keeps', async () => {
    const answer = await fetch(
      `${rekindle.url}/sa.gif?project=${project.slug}&data=${base64(track('pixel', 'Opened'))}&ext=crc%3D1`,
    );
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/gif',
      'content-length': '43',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    });
    expect(Buffer.from(await answer.arrayBuffer()).toString('base64')).toBe(GIF);
    expect(await storedEvents(project, '$identity_anonymous_id:pixel', 1)).toHaveLength(1);
  });

  it.each(['/sa', '/sa.gif', '/debug', '/any/prefix/sa'])(
    'may be asked about by a browser: %s',
    async (path) => {
      const answer = await fetch(`${rekindle.url}${path}?project=${project.slug}`, {
        method: 'OPTIONS',
        headers: { origin: 'https://shop.example.com', 'access-control-request-headers': 'content-type' },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
      expect(answer.headers.get('access-control-allow-headers')).toContain('content-type');
    },
  );

  it.each<[string, string, number]>([
    ['of an unknown project', 'no-such-project', 200],
    ['that cannot be read', '', 200],
  ])('is forgotten by a phone where it is a request %s', async (_name, slug, status) => {
    const body = slug === '' ? 'data_list=***' : `data_list=${base64([track('lost', 'Opened')])}`;
    const answer = await fetch(`${rekindle.url}/sa?project=${slug || project.slug}`, {
      method: 'POST',
      body,
    });
    expect({ status: answer.status, body: await answer.text() }).toEqual({ status, body: 'ok' });
  });

  it('is forgotten by a phone where it is too large', async () => {
    const answer = await fetch(`${rekindle.url}/sa?project=${project.slug}`, {
      method: 'POST',
      body: `data_list=${'A'.repeat(300_000)}`,
    });
    expect(answer.status).toBe(413);
    const [letter] = await waitFor(async () => {
      const { items } = (await project.api('GET', 'dead-letters?reason=inflated_too_large')).json;
      return items.length > 0 ? (items as { payload: { isCut: boolean } }[]) : null;
    });
    expect(letter?.payload.isCut).toBe(true);
  });

  it('may stand in an address of 100 KB, and is refused clearly beyond the limit', async () => {
    const long = (characters: number) =>
      fetch(
        `${rekindle.url}/sa.gif?project=${project.slug}&data=${base64(track('long', 'Long', { text: 'x'.repeat(characters) }))}`,
      );
    expect((await long(8_000)).status).toBe(200);
    expect((await long(70_000)).status).toBe(200);
    expect((await long(120_000)).status).toBe(431);
    expect(await storedEvents(project, '$identity_anonymous_id:long', 2)).toHaveLength(2);
  });
});
