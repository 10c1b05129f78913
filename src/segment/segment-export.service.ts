import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { JobQueue } from '../platform/queue/job.js';
import type { WhichMembers } from './core/which-members.js';
import type { ExportFormat } from './data/member-store.js';
import type { SegmentExport } from './data/segment-export.repository.js';
import { SegmentExportTables } from './data/segment-export-tables.js';
import type { SegmentRun } from './data/segment-run.repository.js';
import { SEGMENT_PROBLEMS } from './http/segment.problems.js';
import { addExportJob } from './jobs/segment-export.job.js';
import { RunMembers } from './run-members.service.js';

/** How long a run may be stranded before its job is made again. */
const STRANDED_AFTER_MS = 30_000;

/** Exports of runs as files, from the wish for one to its download and its end. */
@Injectable()
export class SegmentExportService {
  constructor(
    private readonly clock: Clock,
    private readonly queue: JobQueue,
    private readonly tables: SegmentExportTables,
    private readonly runs: RunMembers,
  ) {}

  async start(
    projectId: ProjectId,
    of: { segmentId: string; runId: string },
    wish: { format: ExportFormat; which: WhichMembers; columns: string[] },
  ): Promise<SegmentExport> {
    const { run } = await this.runs.select(projectId, of, wish.which);
    const nowMs = this.clock.now();
    const rowsTotal = countOf(run, wish.which);
    const file = await this.tables.exports.queue({ projectId, ...of, ...wish, rowsTotal }, nowMs);
    await addExportJob(this.queue, file, { nowMs });
    return file;
  }

  async get(projectId: ProjectId, id: string): Promise<SegmentExport> {
    const file = await this.tables.exports.find(projectId, id);
    if (!file) throw notFound('export', id);
    return file;
  }

  /** @throws Problem where there is no file yet or no more */
  async open(projectId: ProjectId, id: string): Promise<{ file: SegmentExport; bytes: Readable }> {
    const file = await this.get(projectId, id);
    if (file.state === 'expired') throw gone(`The file was removed at ${file.expiresAt?.toISOString()}`);
    if (file.state !== 'done')
      throw new Problem(PROBLEMS.conflict, `The export is ${file.state}: it has no file.`);
    const bytes = await this.tables.files.open(file);
    if (!bytes) throw gone('The file is not in the data folder of this process');
    return { file, bytes };
  }

  async cancel(projectId: ProjectId, id: string): Promise<SegmentExport> {
    await this.get(projectId, id);
    const isCancelled = await this.tables.exports.leases.cancel(id, this.clock.now());
    const file = await this.get(projectId, id);
    if (!isCancelled && file.state !== 'cancelled')
      throw new Problem(PROBLEMS.conflict, `The export is ${file.state}: there is nothing to cancel.`);
    return file;
  }

  /** Makes lost jobs again, and removes files whose time is over or that nobody asked for. */
  async sweep(): Promise<void> {
    const nowMs = this.clock.now();
    for (const file of await this.tables.exports.leases.findStranded(nowMs, STRANDED_AFTER_MS)) {
      await addExportJob(this.queue, file, { nowMs });
    }
    await this.tables.exports.expire(nowMs);
    const ids = await this.tables.files.list();
    if (ids.length === 0) return;
    const wanted = await this.tables.exports.findWithFiles(ids);
    await this.tables.files.remove(ids.filter((id) => !wanted.has(id)));
  }
}

function countOf(run: SegmentRun, which: WhichMembers): number {
  const counts = { members: run.memberCount, entered: run.enteredCount, exited: run.exitedCount };
  return counts[which] ?? 0;
}

function gone(detail: string): Problem {
  return new Problem(SEGMENT_PROBLEMS.exportGone, `${detail}: export the run again.`);
}
