import { RowWriter } from '../../src/platform/clickhouse/row-writer.js';
import { compileSegment } from '../../src/segment/core/compile-segment.js';
import type { Condition } from '../../src/segment/core/condition.js';
import { evaluateSegment } from '../../src/segment/core/evaluate-segment.js';
import { type ValueCondition, valueKey } from '../../src/segment/core/value-condition.js';
import { startClickHouse, type TestClickHouse } from '../support/clickhouse.js';
import { newRandom } from '../support/random-numbers.js';

const PERSONS = 40;
const DATASETS = 6;
const TREES = 40;
const at = { asOf: Date.UTC(2026, 2, 10), timeZone: 'UTC' };

interface Row {
  userId: number;
  value: number | null;
  score: number;
  detail: number | null;
}

/** Everyone absorbed another one; a snapshot or run has rows of either, of both, or of none. */
describe('A condition on computed values', () => {
  let engine: TestClickHouse;
  beforeAll(async () => {
    engine = await startClickHouse();
  });
  afterAll(() => engine.stop());

  it('finds exactly the users that it means', async () => {
    const random = newRandom(7);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)] as T;
    const number = () => Math.floor(random.uniform() * 8) / 4;
    const found = { members: 0, others: 0 };
    for (let projectId = 1; projectId <= DATASETS; projectId++) {
      const rows = Array.from({ length: PERSONS }, (_, index) => [
        idOf(projectId, index),
        absorbedOf(projectId, index),
      ])
        .flat()
        .filter(() => random.uniform() < 0.6)
        .map((userId) => ({
          userId,
          value: random.uniform() < 0.2 ? null : number(),
          score: number() / 2,
          detail: random.uniform() < 0.3 ? null : number(),
        }));
      await store(engine, projectId, rows);
      const leaf = (): ValueCondition => {
        const compare = {
          op: pick(['at_least', 'at_most', 'equals', 'more_than', 'less_than'] as const),
          value: number(),
        };
        const source = { id: `s${projectId}`, attempt: 1, asOf: 0, place: pick([2, 2, 0, 9]) };
        const of = pick(['score', 'decile', 'gapRatio', 'nothing']);
        if (random.uniform() < 0.5) return { feature: { set: 'fst', name: 'x' }, compare, source };
        return {
          score: { model: 'chm', of },
          compare: of === 'decile' ? { ...compare, value: pick([1, 4, 7, 10]) } : compare,
          source,
        };
      };
      for (let tree = 0; tree < TREES; tree++) {
        const kind = pick(['all', 'any', 'none']);
        const where = {
          [kind]: [leaf(), ...(random.uniform() < 0.5 ? [leaf()] : [])],
        } as unknown as Condition;
        const { sql, params } = compileSegment({ version: 1, where }, { projectId, ...at });
        const members = (await engine.clickhouse.query<{ person: number }>(sql, params)).map(
          ({ person }) => person,
        );
        const expected = Array.from({ length: PERSONS }, (_, index) => idOf(projectId, index)).filter(
          (userId, index) => {
            const values = valuesOf(where, rows, [userId, absorbedOf(projectId, index)]);
            return evaluateSegment({ version: 1, where }, { userId, events: [], profile: {}, values }, at);
          },
        );
        expect({ where, members }).toEqual({ where, members: expected });
        found.members += expected.length;
        found.others += PERSONS - expected.length;
      }
    }
    expect(Math.min(found.members, found.others)).toBeGreaterThan(1_000);
  }, 120_000);
});

function idOf(projectId: number, index: number): number {
  return projectId * 1_000 + index + 1;
}

function absorbedOf(projectId: number, index: number): number {
  return idOf(projectId, index) + 500;
}

/** The plain meaning: the row of who stays, else that of who was absorbed. */
function valuesOf(
  where: Condition,
  rows: readonly Row[],
  [own, absorbed]: number[],
): Map<string, number | null> {
  const row = rows.find(({ userId }) => userId === own) ?? rows.find(({ userId }) => userId === absorbed);
  if (!row) return new Map();
  const below = rows.filter(({ score }) => score < row.score).length;
  const parts: Record<string, number | null> = {
    score: row.score,
    decile: 1 + Math.floor((10 * below) / rows.length),
    gapRatio: row.detail,
  };
  const leaves = Object.values(where).flat() as ValueCondition[];
  return new Map(
    leaves.map((leaf) => {
      const value =
        'feature' in leaf
          ? leaf.source?.place === 2
            ? row.value
            : null
          : (parts[leaf.score.of ?? 'score'] ?? null);
      return [valueKey(leaf), value];
    }),
  );
}

async function store({ clickhouse }: TestClickHouse, projectId: number, rows: readonly Row[]): Promise<void> {
  const profiles = new RowWriter();
  const aliases = new RowWriter();
  for (let index = 0; index < PERSONS; index++) {
    profiles.uint32(projectId);
    profiles.int64(idOf(projectId, index));
    profiles.json({});
    profiles.int64(1);
    profiles.uint8(0);
    for (const value of [absorbedOf(projectId, index), idOf(projectId, index), 1]) aliases.int64(value);
  }
  await clickhouse.insertRows('profile (project_id, user_id, properties, version, is_deleted)', profiles);
  await clickhouse.insertRows('person_alias (person_id, canonical, version)', aliases);
  await clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
  // Another attempt, whose rows must not be read.
  for (const [attempt, shift] of [
    [1, 0],
    [2, 1],
  ] as const) {
    const json = JSON.stringify(
      rows.map(({ value, ...row }) => ({ ...row, value: value === null ? null : value + shift })),
    );
    const params = { project: projectId, id: `s${projectId}`, attempt, json };
    const users = 'FROM (SELECT arrayJoin(JSONExtractArrayRaw({json:String})) AS row)';
    await clickhouse.command(
      `INSERT INTO feature_value (project_id, set_id, snapshot_id, attempt, user_id, values)
       SELECT {project:UInt32}, 'fst', {id:String}, {attempt:UInt16}, JSONExtractUInt(row, 'userId'),
         [NULL, JSONExtract(row, 'value', 'Nullable(Float64)')] ${users}`,
      params,
    );
    await clickhouse.command(
      `INSERT INTO churn_score (project_id, model_id, run_id, attempt, user_id, score, details)
       SELECT {project:UInt32}, 'chm', {id:String}, {attempt:UInt16}, JSONExtractUInt(row, 'userId'),
         JSONExtractFloat(row, 'score') + ${shift},
         if(JSONExtract(row, 'detail', 'Nullable(Float64)') IS NULL, map(), map('gapRatio', JSONExtractFloat(row, 'detail'))) ${users}`,
      params,
    );
  }
}
