import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { DeadReason } from '../../kernel/reasons.js';
import { KEPT_PAYLOAD_BYTES } from '../../kernel/refusal.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { ReplaySink } from '../contract.js';
import { showPayload } from '../core/show-payload.js';
import { DeadLetterRepository, type StoredDeadLetter } from '../data/dead-letter.repository.js';
import {
  DEAD_LETTER,
  DEAD_LETTER_PAGE,
  DEAD_LETTER_QUERY,
  type DeadLetterQuery,
  REPLAY,
  REPLAYED,
  type Replay,
  type ShownDeadLetter,
} from './dead-letter.schema.js';

/** The sender was not entitled to the project: a person decides that the records belong there. */
const NEEDS_CONSENT: ReadonlySet<DeadReason> = new Set([
  'unknown_project',
  'wrong_token',
  'origin_not_allowed',
]);

@ProjectController('dead-letters', 'Dead letters')
export class DeadLetterController {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly sink: ReplaySink,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'What could not be stored, newest first' })
  @ApiOkResponse({ standardSchema: DEAD_LETTER_PAGE })
  async list(
    @Project() project: RequestProject,
    @Query({ schema: DEAD_LETTER_QUERY }) query: DeadLetterQuery,
  ) {
    const filter = {
      reason: query.reason ?? null,
      source: query.source ?? null,
      contains: query.contains ?? null,
      receivedFrom: toDate(query.receivedFrom),
      receivedTo: toDate(query.receivedTo),
    };
    const page = { before: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.letters.list(project.id, filter, page);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toShown });
  }

  @Get(':deadLetterId')
  @Access('viewer')
  @ApiOperation({ summary: 'One dead letter with its whole payload' })
  @ApiOkResponse({ standardSchema: DEAD_LETTER })
  async get(@Project() project: RequestProject, @Param('deadLetterId') id: string) {
    return toShown(await this.require(project, id));
  }

  @Delete(':deadLetterId')
  @HttpCode(204)
  @Access('admin')
  @ApiOperation({ summary: 'Delete a dead letter' })
  @ApiNoContentResponse()
  async remove(@Project() project: RequestProject, @Param('deadLetterId') id: string) {
    if (!(await this.letters.remove(project.id, id))) throw notFound('dead letter', id);
  }

  @Post(':deadLetterId/replay')
  @HttpCode(202)
  @Access('admin')
  @ApiOperation({ summary: 'Send a dead letter through the flow again; records stored before count once' })
  @ApiAcceptedResponse({ standardSchema: REPLAYED })
  async replay(
    @Project() project: RequestProject,
    @Param('deadLetterId') id: string,
    @Body({ schema: REPLAY }) body: Replay,
  ) {
    const letter = await this.require(project, id);
    if (isCut(letter)) {
      throw new Problem(PROBLEMS.conflict, 'Only the first 64 KiB were kept, which cannot be read again.');
    }
    if (NEEDS_CONSENT.has(letter.reason) && !body.intoThisProject) {
      const detail = `Send {"intoThisProject": true} to store its records in ${project.slug}.`;
      throw new Problem(PROBLEMS.conflict, `${letter.detail} ${detail}`);
    }
    await this.sink.replay({
      source: letter.source,
      projectId: project.id,
      receivedAt: letter.receivedAt.getTime(),
      ip: letter.ip,
      userAgent: '',
      query: NEEDS_CONSENT.has(letter.reason) ? 'project=' : `project=${encodeURIComponent(project.slug)}`,
      body: letter.payload,
    });
    // Only now: a crash in between replays twice, and the same record counts once.
    await this.letters.remove(project.id, id);
    return { id, replayed: true as const };
  }

  private async require(project: RequestProject, id: string): Promise<StoredDeadLetter> {
    const letter = await this.letters.find(project.id, id);
    if (!letter) throw notFound('dead letter', id);
    return letter;
  }
}

function isCut(letter: StoredDeadLetter): boolean {
  return letter.payloadBytes >= KEPT_PAYLOAD_BYTES;
}

function toDate(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text);
}

function toShown(letter: StoredDeadLetter): ShownDeadLetter {
  const { id, source, reason, detail, ip, payload, payloadBytes } = letter;
  const shown = showPayload(payload, payload.length < payloadBytes || isCut(letter));
  return {
    id,
    receivedAt: letter.receivedAt.toISOString(),
    source,
    reason,
    detail,
    payload: { ...shown, bytes: payloadBytes, isCut: isCut(letter) },
    ip,
    createdAt: letter.createdAt.toISOString(),
  };
}
