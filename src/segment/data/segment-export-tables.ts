import { Injectable } from '@nestjs/common';
import { ExportFiles } from './export-files.js';
import { ExportRows } from './export-rows.js';
import { SegmentExportRepository } from './segment-export.repository.js';

/** Everything that exports read and write. */
@Injectable()
export class SegmentExportTables {
  constructor(
    readonly exports: SegmentExportRepository,
    readonly rows: ExportRows,
    readonly files: ExportFiles,
  ) {}
}
