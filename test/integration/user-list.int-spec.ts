import { gzipSync } from 'node:zlib';
import { type Rekindle, startRekindle, type TestProject, track, waitFor } from '../support/rekindle.js';

const CSV = 'text/csv';
const LINES = 'application/x-ndjson';

describe('A list of users', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  /** Users by their anonymous id. */
  const users = new Map<string, string>();

  const toDefinition = (where: unknown) => ({ version: 1, where });
  const anonymous = (name: string) => `$identity_anonymous_id:${name}`;

  async function upload(
    listId: string,
    body: string | Uint8Array,
    options: { mode?: 'replace' | 'append' | 'remove'; type?: string; query?: string; gzip?: boolean } = {},
  ) {
    const { mode = 'append', type = CSV, query = '', gzip = false } = options;
    const path = `lists/${listId}/users${mode === 'remove' ? '/remove' : ''}${query}`;
    const response = await fetch(`${rekindle.url}/api/v1/projects/${project.slug}/${path}`, {
      method: mode === 'replace' ? 'PUT' : 'POST',
      headers: {
        authorization: `Bearer ${rekindle.adminKey}`,
        'content-type': type,
        ...(gzip ? { 'content-encoding': 'gzip' } : {}),
      },
      body,
    });
    return { status: response.status, json: JSON.parse(await response.text()) };
  }

  async function newList(): Promise<string> {
    const made = await project.api('POST', 'lists', { name: `list ${Math.random()}` });
    expect(made.status).toBe(201);
    return made.json.id;
  }

  async function membersOf(where: unknown): Promise<string[]> {
    const { status, json } = await project.api('POST', 'segments/preview', {
      definition: toDefinition(where),
    });
    expect(status).toBe(200);
    return json.sample;
  }

  async function appear(...names: string[]) {
    await rekindle.sendEvents(
      project.slug,
      names.map((name) => track(name, 'view')),
    );
    for (const name of names) {
      const id = await waitFor(async () => {
        const { json } = await project.api('GET', `users?identity=${encodeURIComponent(anonymous(name))}`);
        return json.id ?? json.userId ?? json.items?.[0]?.id;
      });
      users.set(name, id);
      await waitFor(async () => {
        const { status } = await project.api('POST', 'segments/explain', {
          definition: toDefinition({ bucket: { salt: 'x', from: 0, to: 50 } }),
          user: id,
        });
        return status === 200;
      });
    }
  }
  const idOf = (name: string) => users.get(name) ?? '';

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject();
    await appear('ada', 'bob', 'cyd');
  }, 120_000);
  afterAll(() => rekindle?.stop());

  it('says what became of every row, and is what a segment asks for', async () => {
    const list = await newList();
    const rows = [
      idOf('ada'),
      anonymous('bob'),
      anonymous('nobody'),
      'broken',
      '',
      idOf('ada'),
      'usr_999999999',
    ];
    const { status, json } = await upload(list, ['identity', ...rows].join('\r\n'));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id: list,
      entryCount: 4,
      userCount: 2,
      unknownCount: 2,
      lastUpload: { mode: 'append', rows: 6, matched: 2, unknown: 2, malformed: 1, duplicate: 1 },
    });
    expect(json.lastUpload.reasons).toEqual([
      { reason: 'invalid_identity', count: 1, firstLines: [5] },
      { reason: 'duplicate_row', count: 1, firstLines: [7] },
      { reason: 'unknown_user', count: 2, firstLines: [4, 8] },
    ]);
    expect(await membersOf({ list })).toEqual([idOf('ada'), idOf('bob')].sort(byNumber));
    expect(await membersOf({ none: [{ list }] })).toEqual([idOf('cyd')]);
  });

  it('is replaced, added to and taken from', async () => {
    const list = await newList();
    await upload(list, `${anonymous('ada')}\n${anonymous('bob')}\n`);
    await upload(list, gzipSync(JSON.stringify({ user_id: idOf('cyd') })), { type: LINES, gzip: true });
    expect(await membersOf({ list })).toHaveLength(3);
    // By another name of the same user; the second one is not on the list.
    const removed = await upload(list, `identity\n${idOf('bob')}\n${anonymous('nobody')}`, {
      mode: 'remove',
    });
    expect(removed.json.lastUpload).toMatchObject({ mode: 'remove', matched: 1, unknown: 1 });
    expect(removed.json.lastUpload.reasons).toEqual([{ reason: 'not_on_list', count: 1, firstLines: [3] }]);
    expect(await membersOf({ list })).toEqual([idOf('ada'), idOf('cyd')].sort(byNumber));
    const replaced = await upload(list, 'name,$identity_anonymous_id\nBob,bob\n', { mode: 'replace' });
    expect(replaced.json).toMatchObject({ entryCount: 1, userCount: 1 });
    expect(await membersOf({ list })).toEqual([idOf('bob')]);
  });

  it('matches whoever appears later, and takes merged users as one', async () => {
    const list = await newList();
    await upload(list, `${anonymous('later')}\n${anonymous('ada')}`);
    await appear('later');
    expect(await membersOf({ list })).toEqual([idOf('ada'), idOf('later')].sort(byNumber));
    await appear('first', 'second');
    await upload(list, `${anonymous('first')}\n${anonymous('second')}`, { mode: 'replace' });
    await rekindle.sendEvents(project.slug, [
      { ...track('login', '$SignUp'), type: 'track_signup', original_id: 'first' },
      { ...track('login', '$SignUp'), type: 'track_signup', original_id: 'second' },
    ]);
    await waitFor(async () => (await membersOf({ list })).length === 1);
  });

  it('is explained, and named in what is refused', async () => {
    const list = await newList();
    await upload(list, anonymous('ada'));
    const explain = (name: string) =>
      project.api('POST', 'segments/explain', { definition: toDefinition({ list }), user: idOf(name) });
    expect((await explain('ada')).json).toMatchObject({
      isMember: true,
      where: { kind: 'list', condition: { list } },
      changes: [{ kind: 'list', list, isOnList: false }],
    });
    expect((await explain('bob')).json.isMember).toBe(false);

    const segment = await project.api('POST', 'segments', {
      name: 'of the list',
      definition: toDefinition({ list }),
    });
    const run = await project.api('POST', `segments/${segment.json.id}/runs`, {});
    await waitFor(async () => {
      const { json } = await project.api('GET', `segments/${segment.json.id}/runs/${run.json.id}`);
      return json.state === 'done' && json.memberCount === 1;
    });
    const refused = await project.api('DELETE', `lists/${list}`);
    expect([refused.status, refused.json.errors]).toEqual([
      409,
      [{ pointer: '', code: 'in_use', detail: `of the list (${segment.json.id})` }],
    ]);
    await project.api('DELETE', `segments/${segment.json.id}`);
    expect((await project.api('DELETE', `lists/${list}`)).status).toBe(204);
    const unknown = await project.api('POST', 'segments/preview', {
      definition: toDefinition({ any: [{ list }] }),
    });
    expect(unknown.json.errors).toEqual([
      { pointer: '/definition/where/any/0/list', code: 'unknown_list', detail: `There is no list ${list}.` },
    ]);
  });

  it('stays as it was when a file cannot be used', async () => {
    const list = await newList();
    await upload(list, anonymous('ada'));
    const answers = [
      await upload(list, '', { mode: 'replace' }),
      await upload(list, 'email,phone\na,b', { mode: 'replace' }),
      await upload(list, 'user_id\n42\n43', { mode: 'replace' }),
      await upload(list, 'no gzip', { mode: 'replace', gzip: true }),
      await upload(list, '{}', { mode: 'replace', type: 'application/json' }),
    ];
    expect(answers.map(({ status, json }) => [status, json.errors?.[0]?.code ?? json.code])).toEqual([
      [422, 'nothing_usable'],
      [422, 'unclear_column'],
      [422, 'nothing_usable'],
      [422, 'undecodable_gzip'],
      [415, 'unsupported_media_type'],
    ]);
    expect(await membersOf({ list })).toEqual([idOf('ada')]);
    const elsewhere = await project.api('POST', 'segments', undefined, { 'content-type': CSV });
    expect(elsewhere.status).toBe(415);
  });

  it('is out of reach of other projects', async () => {
    const list = await newList();
    await upload(list, anonymous('ada'));
    const other = await rekindle.newProject();
    expect((await other.api('GET', `lists/${list}`)).status).toBe(404);
    expect((await other.api('DELETE', `lists/${list}`)).status).toBe(404);
    const preview = await other.api('POST', 'segments/preview', { definition: toDefinition({ list }) });
    expect(preview.json.errors[0].code).toBe('unknown_list');
    const ownList = await other.api('POST', 'lists', { name: 'own' });
    // A user of another project is nobody here.
    const { json } = await rekindleUpload(rekindle, other.slug, ownList.json.id, idOf('ada'));
    expect(json).toMatchObject({ userCount: 0, unknownCount: 1 });
  });
});

function byNumber(a: string, b: string): number {
  return Number(a.slice(4)) - Number(b.slice(4));
}

async function rekindleUpload(rekindle: Rekindle, slug: string, listId: string, body: string) {
  const response = await fetch(`${rekindle.url}/api/v1/projects/${slug}/lists/${listId}/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rekindle.adminKey}`, 'content-type': CSV },
    body,
  });
  return { json: JSON.parse(await response.text()) };
}
