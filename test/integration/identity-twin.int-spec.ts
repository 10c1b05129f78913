import fc from 'fast-check';
import { connectDatabase } from '../../src/app/migrations.js';
import { DEFAULT_RULES } from '../../src/identify/core/identity-rules.js';
import { BatchHistory } from '../../src/identify/data/batch-history.js';
import { GraphWriter } from '../../src/identify/data/graph-writer.js';
import { IdentityProjectRepository } from '../../src/identify/data/identity-project.repository.js';
import { MergeLogRepository } from '../../src/identify/data/merge-log.repository.js';
import { MergeUndo } from '../../src/identify/data/merge-undo.js';
import { PersonRepository } from '../../src/identify/data/person.repository.js';
import { PersonAliasRepository } from '../../src/identify/data/person-alias.repository.js';
import { PersonDictionary } from '../../src/identify/data/person-dictionary.js';
import { GraphLoader } from '../../src/identify/graph-loader.js';
import { IdentityService } from '../../src/identify/identity.service.js';
import { MergePlanner } from '../../src/identify/merge-planner.js';
import { MergeRequests } from '../../src/identify/merge-requests.js';
import { ProjectRules } from '../../src/identify/project-rules.js';
import type { DecodedRecord, TrackedRecord } from '../../src/kernel/event.js';
import { ClickHouse } from '../../src/platform/clickhouse/clickhouse.js';
import type { Database } from '../../src/platform/db/database.js';
import { EventRepository } from '../../src/store/data/event.repository.js';
import { HISTORY, NaiveIdentities, type Step, toRecord, UNIQUE_KEYS } from '../support/identity-twin.js';
import { type Rekindle, startRekindle } from '../support/rekindle.js';
import { clickhouseUrlOf, databaseUrlOf } from '../support/stores.js';

const HISTORIES = Number(process.env['TWIN_HISTORIES'] ?? 12);

/** A batch, by which of two processes it is done, and whether it and the one before come again behind it. */
const BATCHES = fc.tuple(
  HISTORY,
  fc.array(fc.record({ process: fc.nat(1), again: fc.constantFrom('no', 'once', 'with the one before') }), {
    minLength: 8,
    maxLength: 8,
  }),
);

/** The stage on real PostgreSQL and ClickHouse, against plain sets in memory. */
describe('identities in the stores', () => {
  let rekindle: Rekindle;
  let db: Database;
  let clickhouse: ClickHouse;
  let projectId = 5_000;
  let batchId = 1_000_000;

  beforeAll(async () => {
    rekindle = await startRekindle({ ROLE: 'api' });
    db = await connectDatabase(await databaseUrlOf(rekindle), 8);
    clickhouse = new ClickHouse({ url: await clickhouseUrlOf(rekindle), database: 'rekindle' });
  });
  afterAll(async () => {
    await clickhouse.close();
    await db.close();
    await rekindle.stop();
  });

  /** What one worker process has; another has a memory of its own. */
  const startStage = () => {
    const persons = new PersonRepository(db);
    const writer = new GraphWriter();
    const aliases = new PersonAliasRepository(db, clickhouse, new PersonDictionary(clickhouse));
    const rules = new ProjectRules(new IdentityProjectRepository(db));
    const requests = new MergeRequests(
      new MergePlanner(persons),
      writer,
      new MergeUndo(),
      new MergeLogRepository(db),
    );
    const history = new BatchHistory(db, aliases);
    return new IdentityService(persons, new GraphLoader(persons), writer, history, rules, requests);
  };

  const usersOf = (records: readonly TrackedRecord[]) => records.map(({ userId }) => userId);
  const copyOf = (records: readonly DecodedRecord[]) => records.map((record) => ({ ...record }));

  /** Events by person, as every query groups them. */
  const groupsInClickHouse = async () => {
    await clickhouse.command('SYSTEM RELOAD DICTIONARY person_canonical');
    const rows = await clickhouse.query<{ ids: string[] }>(
      `SELECT groupArray(replaceAll(toString(event_id), '-', '')) AS ids FROM event
       WHERE project_id = {project:UInt32} GROUP BY person`,
      { project: projectId },
    );
    return rows.map(({ ids }) => [...ids].sort());
  };

  const identitiesInPostgres = async () => {
    const rows = await db.query<{ names: string[] }>(
      `SELECT array_agg(key || ' ' || value) AS names FROM person_identity
       WHERE project_id = $1 GROUP BY person_id`,
      [projectId],
    );
    return rows.map(({ names }) => [...names].sort());
  };

  const sorted = (groups: readonly string[][]) => groups.map((group) => group.join(',')).sort();

  it('group like plain sets, whoever does the batches and however often', async () => {
    await fc.assert(
      fc.asyncProperty(BATCHES, async ([history, courses]) => {
        projectId++;
        const rules = { ...DEFAULT_RULES, uniqueKeys: [...UNIQUE_KEYS], claimsPerValue: 1_000 };
        await new IdentityProjectRepository(db).saveRules(projectId, rules);
        const processes = [startStage(), startStage()];
        const naive = new NaiveIdentities();
        const done: { id: number; records: DecodedRecord[]; users: number[] }[] = [];
        let working = 0;
        let lease = 0;
        for (const [b, steps] of history.entries()) {
          const { process: next, again } = courses[b] ?? { process: 0, again: 'no' };
          if (next !== working) lease++;
          working = next;
          const stage = processes[working];
          if (!stage) throw new Error('There are two processes.');
          const named = steps.map((step: Step, i) => ({
            ...step,
            eventId: (b * 100 + i).toString(16).padStart(32, '0'),
          }));
          const records = named.map((step) => toRecord(step, projectId, step.eventId));
          const id = batchId++;
          const { records: tracked } = await stage.resolve(
            { id, lease, mayBeRepeated: false },
            copyOf(records),
          );
          done.push({ id, records, users: usersOf(tracked) });
          for (const batch of done.slice(again === 'with the one before' ? -2 : -1)) {
            if (again === 'no') continue;
            const repeated = { id: batch.id, lease, mayBeRepeated: true };
            const { records: same } = await stage.resolve(repeated, copyOf(batch.records));
            expect(usersOf(same)).toEqual(batch.users);
          }
          await new EventRepository(clickhouse).insert(
            id,
            tracked.map((record) => (record.type === 'unbind' ? record : { ...record, type: 'track' })),
            '',
          );
          for (const step of named) naive.take(step);
        }
        expect(sorted(await groupsInClickHouse())).toEqual(sorted(naive.groups()));
        expect(sorted(await identitiesInPostgres())).toEqual(sorted(naive.identities()));
      }),
      { numRuns: HISTORIES },
    );
  }, 300_000);
});
