import { Body, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { parseUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { FeatureTables } from '../data/feature-tables.js';
import { FeatureSetService } from '../feature-set.service.js';
import { SnapshotReports } from '../snapshot-reports.service.js';
import { Snapshots, toSnapshotRef } from '../snapshots.service.js';
import {
  DRIFT,
  DRIFT_QUERY,
  type DriftQuery,
  EXPORT,
  type Export,
  LIST_VALUES,
  type ListValues,
  OUTCOME_REPORT,
  REPORT_QUERY,
  type ReportQuery,
  ROW_PAGE,
  SNAPSHOT_DETAIL,
  SNAPSHOT_PAGE,
  TAKE_SNAPSHOT,
  type TakeSnapshot,
} from './feature-set.schema.js';
import { toRow, toSnapshotDetail, toSnapshotSummary } from './to-answer.js';

const MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl',
  parquet: 'application/vnd.apache.parquet',
} as const;

@ProjectController('feature-sets/:setId/snapshots', 'Features')
export class SnapshotController {
  constructor(
    private readonly sets: FeatureSetService,
    private readonly snapshots: Snapshots,
    private readonly reports: SnapshotReports,
    private readonly tables: FeatureTables,
  ) {}

  @Post()
  @HttpCode(202)
  @Access('marketer')
  @ApiOperation({
    summary: 'Take a snapshot now, or as of a past cutoff; the answer does not wait for its end',
  })
  @ApiAcceptedResponse({ standardSchema: SNAPSHOT_DETAIL })
  async take(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Body({ schema: TAKE_SNAPSHOT }) body: TakeSnapshot,
  ) {
    const cutoff = body.cutoff === undefined ? null : Date.parse(body.cutoff);
    const { excludeNotAsOf } = body;
    return toSnapshotDetail(await this.sets.takeSnapshot(project.id, setId, { cutoff, excludeNotAsOf }));
  }

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'Snapshots of a feature set, newest first' })
  @ApiOkResponse({ standardSchema: SNAPSHOT_PAGE })
  async list(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    await this.sets.get(project.id, setId);
    const rows = await this.tables.snapshots.list(setId, fromCursor(page.cursor), page.limit + 1);
    return toPage(rows, page.limit, { toKey: ({ id }) => id, toItem: toSnapshotSummary });
  }

  @Get(':snapshotId')
  @Access('viewer')
  @ApiOperation({ summary: 'One snapshot, with its features and its query' })
  @ApiOkResponse({ standardSchema: SNAPSHOT_DETAIL })
  async get(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Param('snapshotId') snapshotId: string,
  ) {
    return toSnapshotDetail(await this.snapshots.get(project.id, setId, snapshotId));
  }

  @Get(':snapshotId/values')
  @Access('viewer')
  @ApiOperation({ summary: 'Values of a finished snapshot, by user id' })
  @ApiOkResponse({ standardSchema: ROW_PAGE })
  async values(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Param('snapshotId') snapshotId: string,
    @Query({ schema: LIST_VALUES }) query: ListValues,
  ) {
    const snapshot = await this.snapshots.getDone(project.id, setId, snapshotId);
    const ref = toSnapshotRef(snapshot);
    const after = toUserNumber(fromCursor(query.cursor));
    const rows = query.labels
      ? await this.tables.values.labelledPage(
          ref,
          this.snapshots.knownLabel(snapshot),
          after,
          query.limit + 1,
        )
      : await this.snapshots.rowsOf(ref, after, query.limit + 1);
    return toPage(rows, query.limit, {
      toKey: ({ userId }) => String(userId),
      toItem: (row) => toRow(ref, row),
    });
  }

  @Get(':snapshotId/export')
  @Access('viewer')
  @ApiOperation({ summary: 'A finished snapshot as a file, one column per feature' })
  @ApiProduces('text/csv', 'application/jsonl', 'application/vnd.apache.parquet')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Param('snapshotId') snapshotId: string,
    @Query({ schema: EXPORT }) { format, labels }: Export,
  ): Promise<StreamableFile> {
    const snapshot = await this.snapshots.getDone(project.id, setId, snapshotId);
    const label = labels ? this.snapshots.knownLabel(snapshot) : null;
    const file = await this.tables.values.export(toSnapshotRef(snapshot), format, label);
    return new StreamableFile(file, {
      type: MEDIA_TYPES[format],
      disposition: `attachment; filename="${snapshot.id}.${format}"`,
    });
  }

  @Get(':snapshotId/drift')
  @Access('viewer')
  @ApiOperation({ summary: 'How far the values moved since another snapshot of the set' })
  @ApiOkResponse({ standardSchema: DRIFT })
  async drift(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Param('snapshotId') snapshotId: string,
    @Query({ schema: DRIFT_QUERY }) query: DriftQuery,
  ) {
    const present = await this.snapshots.getDone(project.id, setId, snapshotId);
    const base = await this.snapshots.getDone(project.id, setId, query.base);
    const items = await this.reports.drift(base, present);
    return { snapshotId: present.id, baseSnapshotId: base.id, items };
  }

  @Get(':snapshotId/report')
  @Access('viewer')
  @ApiOperation({ summary: 'What each feature alone tells of who does not return, the most telling first' })
  @ApiOkResponse({ standardSchema: OUTCOME_REPORT })
  async report(
    @Project() project: RequestProject,
    @Param('setId') setId: string,
    @Param('snapshotId') snapshotId: string,
    @Query({ schema: REPORT_QUERY }) query: ReportQuery,
  ) {
    const snapshot = await this.snapshots.getDone(project.id, setId, snapshotId);
    const label = this.snapshots.knownLabel(snapshot);
    const items = await this.reports.outcome(snapshot, label, query.feature ?? null);
    return { snapshotId, items };
  }
}

function toUserNumber(cursor: string | null): number {
  if (cursor === null) return 0;
  const userId = parseUserId(`usr_${cursor}`);
  if (userId === null) throw new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of this list.');
  return userId;
}
