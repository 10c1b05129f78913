import { Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import { parseUserId } from '../../kernel/ids.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, PAGE_QUERY, type PageQuery, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { ChurnService } from '../churn.service.js';
import { ChurnTables } from '../data/churn-tables.js';
import { DISTRIBUTION, EXPORT_SCORES, type ExportScores, SCORE_OF_USER, SCORE_PAGE } from './churn.schema.js';
import { toScore } from './to-answer.js';

const EXPORT_TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8' } as const;

@ProjectController('churn-models/:modelId', 'Churn')
export class ChurnScoreController {
  constructor(
    private readonly churn: ChurnService,
    private readonly tables: ChurnTables,
  ) {}

  @Get('scores/:userId')
  @Access('viewer')
  @ApiOperation({ summary: "One user's score as of the latest finished run" })
  @ApiOkResponse({ standardSchema: SCORE_OF_USER })
  async ofUser(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Param('userId') userIdText: string,
  ) {
    const userId = parseUserId(userIdText);
    if (userId === null) throw notFound('user', userIdText);
    await this.churn.get(project.id, modelId);
    const run = await this.tables.runs.findLatestDone(modelId);
    const found = run && (await this.tables.scores.find({ runId: run.id, attempt: run.attempts }, userId));
    return {
      userId: userIdText,
      score: found?.score ?? null,
      details: found?.details ?? null,
      runId: run?.id ?? null,
      asOf: run?.asOf.toISOString() ?? null,
    };
  }

  @Get('runs/:runId/scores')
  @Access('viewer')
  @ApiOperation({ summary: 'Scores of a finished run, by user id' })
  @ApiOkResponse({ standardSchema: SCORE_PAGE })
  async list(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Param('runId') runId: string,
    @Query({ schema: PAGE_QUERY }) page: PageQuery,
  ) {
    const run = await this.churn.getFinishedRun(project.id, modelId, runId);
    const after = toUserNumber(fromCursor(page.cursor));
    const rows = await this.tables.scores.page({ runId, attempt: run.attempts }, after, page.limit + 1);
    return toPage(rows, page.limit, { toKey: ({ userId }) => String(userId), toItem: toScore });
  }

  @Get('runs/:runId/distribution')
  @Access('viewer')
  @ApiOperation({ summary: 'How the scores of a finished run are spread' })
  @ApiOkResponse({ standardSchema: DISTRIBUTION })
  async distribution(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Param('runId') runId: string,
  ) {
    const run = await this.churn.getFinishedRun(project.id, modelId, runId);
    return this.tables.scores.distribution({ runId, attempt: run.attempts });
  }

  @Get('runs/:runId/export')
  @Access('viewer')
  @ApiOperation({ summary: 'Every score of a finished run as CSV or JSON lines' })
  @ApiProduces('text/csv', 'application/jsonl')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async export(
    @Project() project: RequestProject,
    @Param('modelId') modelId: string,
    @Param('runId') runId: string,
    @Query({ schema: EXPORT_SCORES }) { format }: ExportScores,
  ) {
    const { definition } = await this.churn.get(project.id, modelId);
    const run = await this.churn.getFinishedRun(project.id, modelId, runId);
    const rows = await this.tables.scores.export({ runId, attempt: run.attempts }, definition.kind, format);
    return new StreamableFile(rows, {
      type: EXPORT_TYPES[format],
      disposition: `attachment; filename="${runId}.${format}"`,
    });
  }
}

function toUserNumber(cursor: string | null): number {
  if (cursor === null) return 0;
  const userId = parseUserId(`usr_${cursor}`);
  if (userId === null) throw new Problem(PROBLEMS.invalidRequest, 'The cursor is not one of this list.');
  return userId;
}
