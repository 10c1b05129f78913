import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { Problem } from '../platform/http-server/problem.js';
import { JobHandlers, JobQueue } from '../platform/queue/job.js';
import { RunWorker } from '../platform/runs/run-worker.js';
import type { ExportFile } from './data/export-files.js';
import type { MemberSelection } from './data/member-selection.js';
import type { SegmentExport } from './data/segment-export.repository.js';
import { SegmentExportTables } from './data/segment-export-tables.js';
import { addExportJob, SEGMENT_EXPORT } from './jobs/segment-export.job.js';
import { RunMembers } from './run-members.service.js';

const HOUR_MS = 3_600_000;
/** Also how soon a cancelled export ends. */
const RENEW_EVERY_MS = 2_000;
/** Rows that are written between two signs of progress. */
const PIECE_ROWS = 100_000;

/** Writes the files of exports, one of a project at a time, each attempt from the beginning. */
@Injectable()
export class SegmentExporter implements OnModuleInit {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly queue: JobQueue,
    private readonly handlers: JobHandlers,
    private readonly tables: SegmentExportTables,
    private readonly runs: RunMembers,
  ) {}

  onModuleInit(): void {
    const worker = new RunWorker(this.clock, {
      runs: this.tables.exports.leases,
      compute: (file, signal) => this.write(file, signal),
      explain: (error) => (error instanceof Problem ? error.detail : null),
      isFinal: (error) => error instanceof Problem,
      enqueue: (file, at) => addExportJob(this.queue, file, at),
      renewEveryMs: RENEW_EVERY_MS,
    });
    this.handlers.handle(SEGMENT_EXPORT, ({ exportId }) => worker.run(exportId));
  }

  private async write(wish: SegmentExport, signal: AbortSignal): Promise<void> {
    const { selection } = await this.runs.select(wish.projectId, wish, wish.which);
    const file = await this.tables.files.create(wish);
    try {
      const rowsWritten = await this.writePieces(wish, { selection, file, signal });
      const sha256 = await file.publish();
      const nowMs = this.clock.now();
      const expiresMs = nowMs + this.config.get('SEGMENT_EXPORT_HOURS') * HOUR_MS;
      const { sizeBytes } = file;
      await this.tables.exports.finish(wish, { rowsWritten, sizeBytes, sha256 }, { nowMs, expiresMs });
    } finally {
      await file.discard();
    }
  }

  /** A Parquet file ends with its index, so it is one piece. */
  private async writePieces(
    wish: SegmentExport,
    { selection, file, signal }: { selection: MemberSelection; file: ExportFile; signal: AbortSignal },
  ): Promise<number> {
    const most = wish.format === 'parquet' ? null : PIECE_ROWS;
    let after = 0;
    let rowsWritten = 0;
    for (;;) {
      const piece = await this.tables.rows.findPiece(selection, { after, most }, signal);
      if (piece.rows > 0 || after === 0) {
        await file.append(await this.tables.rows.stream(selection, piece, { ...wish, signal }), signal);
      }
      rowsWritten += piece.rows;
      await this.tables.exports.setProgress(wish, { rowsWritten, sizeBytes: file.sizeBytes });
      if (most === null || piece.rows < most) return rowsWritten;
      after = piece.last;
    }
  }
}
