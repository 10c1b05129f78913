import { Injectable } from '@nestjs/common';
import { Identities } from '../identify/contract.js';
import { newId, type UserId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { invalidField, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { writeScoreRows } from './compute/score-rows.js';
import {
  type NamedUser,
  type ReadScore,
  ScoreFileRefusal,
  ScoreReader,
  type ScoreRowReason,
} from './core/score-reader.js';
import type { ChurnModel } from './data/churn-model.repository.js';
import type { ChurnRun, UploadCounts } from './data/churn-run.repository.js';
import { ChurnTables } from './data/churn-tables.js';

/** Rows whose users are looked up at once. */
const LOOKED_UP = 5_000;
const USERS_PER_INSERT = 50_000;
const SHOWN_ROWS = 20;
const ATTEMPT = 1;

/** Takes scores that were computed elsewhere. */
@Injectable()
export class ScoreUploadService {
  constructor(
    private readonly clock: Clock,
    private readonly identities: Identities,
    private readonly tables: ChurnTables,
  ) {}

  /** @throws where this model takes no scores, or none as of that moment; before anything of the file is read */
  async assertTakesScores({ id, definition, state }: ChurnModel, asOf: Date): Promise<void> {
    if (definition.kind !== 'uploaded')
      throw new Problem(PROBLEMS.conflict, `A model of the kind ${definition.kind} computes its scores.`);
    if (state === 'archived') throw new Problem(PROBLEMS.conflict, 'The model is archived.');
    if (asOf.getTime() > this.clock.now())
      throw invalidField('?asOf', 'in_the_future', 'asOf must not be later than now.');
    const [same] = await this.tables.runs.findAsOf(id, asOf);
    if (same)
      throw new Problem(PROBLEMS.conflict, `The run ${same.id} has that very moment: choose another one.`);
  }

  /** Makes a finished run of a file: all of it, or where nothing in it gives a score, nothing. */
  async take(
    model: ChurnModel,
    asOf: Date,
    file: { format: 'csv' | 'jsonl'; bytes: AsyncIterable<Uint8Array>; maxBytes: number },
  ): Promise<ChurnRun> {
    const upload = new Upload();
    try {
      await this.read(model, file, upload);
    } catch (error) {
      if (error instanceof ScoreFileRefusal) throw invalidField('', 'unreadable_file', error.message);
      throw error;
    }
    if (upload.scores.size === 0) {
      throw new Problem(
        PROBLEMS.invalidRequest,
        'No row of the file gives a score.',
        upload
          .counts()
          .examples.map(({ line, reason }) => ({ pointer: '', code: reason, detail: `Line ${line}.` })),
      );
    }
    const runId = newId('churnRun', this.clock.now());
    await this.store(model, runId, upload);
    const run = await this.tables.runs.insertUploaded(
      { id: runId, modelId: model.id, projectId: model.projectId, asOf, attempt: ATTEMPT },
      { ...upload.counts() },
      new Date(this.clock.now()),
    );
    if (!run) throw new Problem(PROBLEMS.conflict, 'Another run has that very moment: choose another one.');
    return run;
  }

  private async read(
    model: ChurnModel,
    file: { format: 'csv' | 'jsonl'; bytes: AsyncIterable<Uint8Array>; maxBytes: number },
    upload: Upload,
  ): Promise<void> {
    const reader = new ScoreReader(file.format);
    let waiting: ReadScore[] = [];
    let size = 0;
    for await (const bytes of file.bytes) {
      size += bytes.byteLength;
      if (size > file.maxBytes)
        throw new Problem(PROBLEMS.bodyTooLarge, `The file may have at most ${file.maxBytes} bytes.`);
      waiting.push(...reader.push(bytes));
      if (waiting.length < LOOKED_UP) continue;
      await this.match(model, waiting, upload);
      waiting = [];
    }
    await this.match(model, [...waiting, ...reader.end()], upload);
  }

  private async match({ projectId }: ChurnModel, rows: readonly ReadScore[], upload: Upload): Promise<void> {
    const named = rows.flatMap((row) => ('user' in row ? [row.user] : []));
    const identities = named.flatMap((user) => ('identity' in user ? [user.identity] : []));
    const numbers = named.flatMap((user) => ('userId' in user ? [user.userId] : []));
    const byIdentity = await this.identities.findUsers(projectId, identities);
    const byNumber = await this.identities.findAllCurrent(projectId, numbers);
    const next = (user: NamedUser) => ('identity' in user ? byIdentity.shift() : byNumber.shift()) ?? null;
    for (const row of rows) {
      if ('reason' in row) upload.leaveOut(row.line, row.reason);
      else upload.add(row.line, next(row.user), row.score);
    }
  }

  private async store(model: ChurnModel, runId: string, { scores }: Upload): Promise<void> {
    const start = { projectId: model.projectId, modelId: model.id, runId, attempt: ATTEMPT };
    const rows = [...scores].sort(([a], [b]) => a - b);
    for (let part = 0; part * USERS_PER_INSERT < rows.length; part++) {
      const chunk = rows.slice(part * USERS_PER_INSERT, (part + 1) * USERS_PER_INSERT);
      await this.tables.scores.insert(
        { runId, attempt: ATTEMPT },
        writeScoreRows(
          start,
          chunk.map(([userId, score]) => ({ userId, score, details: [] })),
        ),
        part,
      );
    }
  }
}

/** What a file came to so far. */
class Upload {
  readonly scores = new Map<UserId, number>();
  private rows = 0;
  private readonly reasons: Partial<Record<ScoreRowReason, number>> = {};
  private readonly examples: UploadCounts['examples'] = [];

  /** The last row of a user counts. */
  add(line: number, userId: UserId | null, score: number): void {
    if (userId === null) {
      this.leaveOut(line, 'unknown_user');
      return;
    }
    if (this.scores.has(userId)) this.leaveOut(line, 'repeated_user');
    else this.rows++;
    this.scores.set(userId, score);
  }

  leaveOut(line: number, reason: ScoreRowReason): void {
    this.rows++;
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    if (this.examples.length < SHOWN_ROWS) this.examples.push({ line, reason });
  }

  counts(): UploadCounts {
    const unknown = this.reasons.unknown_user ?? 0;
    const repeated = this.reasons.repeated_user ?? 0;
    return {
      rows: this.rows,
      matched: this.scores.size,
      unknown,
      repeated,
      invalid: this.rows - this.scores.size - unknown - repeated,
      reasons: this.reasons,
      examples: this.examples,
    };
  }
}
