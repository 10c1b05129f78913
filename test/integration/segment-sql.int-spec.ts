import {
  profileSet,
  type Rekindle,
  startRekindle,
  type TestProject,
  track,
  waitFor,
} from '../support/rekindle.js';

const DAY_MS = 86_400_000;
const PAYERS = `SELECT user_id FROM events WHERE event = 'pay'`;

describe('A segment in SQL', () => {
  let rekindle: Rekindle;
  let project: TestProject;
  let other: TestProject;

  const preview = (sql: string, of = project) =>
    of.api('POST', 'segments/preview', { definition: { version: 1, sql } });

  async function countOf(sql: string): Promise<number> {
    const { status, json } = await preview(sql);
    expect([status, json.detail]).toEqual([200, undefined]);
    return json.count;
  }

  beforeAll(async () => {
    rekindle = await startRekindle();
    project = await rekindle.newProject();
    other = await rekindle.newProject();
    await rekindle.sendEvents(project.slug, [
      track('ada', 'pay', { amount: 20.5 }, Date.now() - 2 * DAY_MS),
      track('ada', 'pay', { amount: 30 }, Date.now() - DAY_MS),
      track('bob', 'pay', { amount: 5 }, Date.now() - 40 * DAY_MS),
      track('cyd', 'view'),
      profileSet('cyd', { city: 'Shenzhen', born: 1990 }),
    ]);
    await rekindle.sendEvents(other.slug, [
      ...['x', 'y', 'z', 'u', 'v'].map((name) => track(name, 'pay', { secret: 'of another project' })),
    ]);
    await waitFor(async () => (await preview(PAYERS)).json.count === 2);
    // Both payments, and the view: events of several months show month by month.
    const twice = `${PAYERS} GROUP BY user_id HAVING count() = 2`;
    await waitFor(async () => (await preview(twice)).json.count === 1);
    await waitFor(async () => (await preview('SELECT user_id FROM events')).json.count === 3);
    await waitFor(async () => (await preview(PAYERS, other)).json.count === 5);
    await waitFor(async () => (await preview('SELECT user_id FROM profiles')).json.count === 3);
    await waitFor(
      async () =>
        (await preview(`SELECT user_id FROM profiles WHERE properties.city = 'Shenzhen'`)).json.count === 1,
    );
  });
  afterAll(() => rekindle?.stop());

  it.each([
    [
      'a sum over a time',
      `SELECT user_id FROM events WHERE event = 'pay' AND time > as_of - INTERVAL 30 DAY
       GROUP BY user_id HAVING sum(properties.amount.:Float64) >= 50.5`,
      1,
    ],
    [
      'a join',
      `SELECT e.user_id AS user_id FROM events AS e INNER JOIN profiles AS p ON e.user_id = p.user_id
       WHERE p.properties.city.:String = 'Shenzhen' AND p.properties.born.:Float64 < 2000`,
      1,
    ],
    [
      'a window function in WITH',
      `WITH gaps AS (
         SELECT user_id, dateDiff('hour', lagInFrame(time, 1, time) OVER (PARTITION BY user_id ORDER BY time), time) AS hours
         FROM events WHERE event = 'pay')
       SELECT user_id FROM gaps WHERE hours >= 20 -- and no more`,
      1,
    ],
    [
      'a set',
      `SELECT user_id FROM profiles WHERE user_id NOT IN (SELECT user_id FROM events WHERE event = 'pay')`,
      1,
    ],
    ['a union', `${PAYERS} UNION ALL SELECT user_id FROM profiles`, 3],
    ['users that there are not', 'SELECT toUInt64(999999) AS user_id', 0],
  ])('finds users by %s', async (_, sql, count) => {
    expect(await countOf(sql)).toBe(count);
  });

  it.each([
    ['another project through the table', 'SELECT user_id FROM event', 'forbidden_table'],
    ['another project by UNION', `${PAYERS} UNION ALL SELECT user_id FROM rekindle.event`, 'forbidden_table'],
    ['another project by IN', `${PAYERS} AND user_id IN event`, 'forbidden_table'],
    [
      'another project by a deep subquery',
      `SELECT user_id FROM (SELECT * FROM (SELECT user_id FROM profile))`,
      'forbidden_table',
    ],
    [
      'another project behind the name of a WITH',
      `SELECT user_id FROM (WITH event AS (SELECT 1 AS user_id) SELECT toUInt64(user_id) AS user_id FROM event) WHERE toUInt8((SELECT any(properties.secret.:String) FROM event)) > 0`,
      'forbidden_table',
    ],
    ['system tables', 'SELECT toUInt64(1) AS user_id FROM system.tables', 'forbidden_table'],
    [
      'the information schema',
      'SELECT toUInt64(1) AS user_id FROM information_schema.tables',
      'forbidden_table',
    ],
    ['another server', `SELECT user_id FROM remote('127.0.0.1', 'rekindle', 'event')`, 'forbidden_table'],
    [
      'an address',
      `SELECT user_id FROM url('http://127.0.0.1/', 'CSV', 'user_id UInt64')`,
      'forbidden_table',
    ],
    ['a file', `SELECT user_id FROM file('/etc/passwd', 'LineAsString')`, 'forbidden_table'],
    ['all tables', `SELECT user_id FROM merge('rekindle', '.*')`, 'forbidden_table'],
    ['numbers without end', 'SELECT number AS user_id FROM numbers(1000000000000)', 'forbidden_table'],
    [
      'a file by a function',
      `SELECT user_id FROM events WHERE file('/etc/passwd') != ''`,
      'forbidden_function',
    ],
    [
      'a dictionary',
      `SELECT dictGet('rekindle.person_canonical', 'canonical', user_id) AS user_id FROM events`,
      'forbidden_function',
    ],
    ['a wait', 'SELECT user_id FROM events WHERE sleep(3) = 0', 'forbidden_function'],
    ['the clock', 'SELECT user_id FROM events WHERE time > now()', 'forbidden_function'],
    ['the clock without brackets', 'SELECT user_id FROM events WHERE time > now', 'forbidden_function'],
    ['a function in APPLY', 'SELECT * APPLY(file) FROM events', 'forbidden_clause'],
    ['settings', `${PAYERS} SETTINGS max_execution_time = 100000`, 'forbidden_clause'],
    ['settings within', `SELECT user_id FROM (${PAYERS} SETTINGS readonly = 0)`, 'forbidden_clause'],
    ['a format', `${PAYERS} FORMAT Native`, 'forbidden_clause'],
    ['a file to write', `${PAYERS} INTO OUTFILE '/tmp/members'`, 'forbidden_clause'],
    ['an insert', `INSERT INTO event (project_id) SELECT 1`, 'not_one_select'],
    ['a drop', 'DROP TABLE event', 'not_one_select'],
    ['a system command', 'SYSTEM SHUTDOWN', 'not_one_select'],
    ['two statements', `${PAYERS}; DROP TABLE event`, 'not_one_select'],
    ['a way out of the brackets', `${PAYERS}) UNION ALL (SELECT user_id FROM event`, 'invalid_sql'],
    ['a comment that never ends', `${PAYERS} /*`, 'invalid_sql'],
    ['a placeholder', 'SELECT user_id FROM {p1:Identifier}', 'invalid_sql'],
    ['a column that there is not', 'SELECT uid AS user_id FROM events', 'invalid_sql'],
    ['a table that there is not', 'SELECT user_id FROM orders', 'invalid_sql'],
    ['types that do not fit', `SELECT user_id FROM events WHERE time > 'yesterday'`, 'invalid_sql'],
    ['no column user_id', 'SELECT event FROM events', 'no_user_id'],
    ['a user_id that is none', 'SELECT event AS user_id FROM events', 'no_user_id'],
  ])('refuses %s, and says what to change', async (_, sql, code) => {
    const { status, json } = await preview(sql);
    expect([status, json.errors]).toEqual([
      422,
      [{ pointer: '/definition/sql', code, detail: expect.stringMatching(/.{20}/) }],
    ]);
    expect(json.detail).not.toMatch(/of another project|project_id|dictGetOrDefault/);
    const saved = await project.api('POST', 'segments', {
      name: `bad ${sql}`.slice(0, 190),
      definition: { version: 1, sql },
    });
    expect(saved.status).toBe(422);
  });

  it('stops what takes too long or too much', async () => {
    const endless = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'k', 'l', 'm', 'n', 'o', 'p', 'q'].map(
      (name) => `events AS ${name}`,
    );
    const { status, json } = await preview(
      `SELECT a.user_id AS user_id FROM ${endless.join(', ')} WHERE ${'aeimq'
        .split('')
        .map((name) => `cityHash64(${name}.distinct_id)`)
        .join(' + ')} = 7`,
    );
    expect([status, json.code]).toEqual([422, 'segment_too_expensive']);
    const recursive = await preview(
      'WITH RECURSIVE t AS (SELECT toUInt64(1) AS user_id UNION ALL SELECT user_id + 1 FROM t) SELECT user_id FROM t',
    );
    expect(recursive.status).toBe(422);
  });

  it('is saved, run, exported and compared like any other, but not explained', async () => {
    const made = await project.api('POST', 'segments', {
      name: 'payers in SQL',
      definition: { version: 1, sql: PAYERS },
    });
    expect([made.status, made.json.definition]).toEqual([201, { version: 1, sql: PAYERS }]);
    const path = `segments/${made.json.id}`;
    const started = await project.api('POST', `${path}/runs`, {});
    const run = await waitFor(async () => {
      const { json } = await project.api('GET', `${path}/runs/${started.json.id}`);
      return json.state === 'done' || json.state === 'failed' ? json : null;
    });
    expect(run).toMatchObject({ state: 'done', memberCount: 2, enteredCount: 2, error: null });
    const members = await project.api('GET', `${path}/runs/${run.id}/members`);
    expect(members.json.items).toHaveLength(2);
    const past = await project.api('POST', `${path}/runs`, {
      asOf: new Date(Date.now() - 10 * DAY_MS).toISOString(),
    });
    await waitFor(async () => {
      const { json } = await project.api('GET', `${path}/runs/${past.json.id}`);
      return json.state === 'done' && json.memberCount === 1;
    });
    const difference = await project.api('POST', `${path}/difference`, {
      definition: {
        version: 1,
        where: { event: 'view', window: 'all_time', compare: { op: 'at_least', value: 1 } },
      },
    });
    expect(difference.json).toMatchObject({ inBoth: 0, onlyBefore: 2, onlyAfter: 1 });
    const user = members.json.items[0].userId;
    const explained = await project.api('GET', `${path}/explain?user=${user}`);
    expect([explained.status, explained.json.code]).toEqual([422, 'segment_not_explainable']);
    const reference = await project.api('POST', 'segments/preview', {
      definition: { version: 1, where: { segment: made.json.id } },
    });
    expect(reference.json.errors[0].code).toBe('reference_to_sql');
  });
});
