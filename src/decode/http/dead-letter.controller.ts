import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fromCursor, toPage } from '../../platform/http-server/paging.js';
import { notFound, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { showPayload } from '../core/show-payload.js';
import { isCut, type StoredDeadLetter } from '../core/stored-dead-letter.js';
import {
  type DeadLetterFilter,
  DeadLetterRepository,
  type ReasonCount,
} from '../data/dead-letter.repository.js';
import { LetterReplay, type ReplayOutcome, type ReplayRefusal } from '../letter-replay.js';
import {
  DEAD_LETTER,
  DEAD_LETTER_FILTER,
  DEAD_LETTER_PAGE,
  DEAD_LETTER_QUERY,
  type DeadLetterFilterQuery,
  type DeadLetterQuery,
  REASON_COUNTS,
  REPLAY,
  REPLAY_MANY,
  REPLAYED,
  REPLAYED_MANY,
  type Replay,
  type ReplayMany,
  type ShownDeadLetter,
} from './dead-letter.schema.js';

/** A letter has up to 64 KiB. */
const LETTERS_AT_ONCE = 50;

@ProjectController('dead-letters', 'Dead letters')
export class DeadLetterController {
  constructor(
    private readonly letters: DeadLetterRepository,
    private readonly replays: LetterReplay,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'What could not be stored, newest first' })
  @ApiOkResponse({ standardSchema: DEAD_LETTER_PAGE })
  async list(
    @Project() project: RequestProject,
    @Query({ schema: DEAD_LETTER_QUERY }) query: DeadLetterQuery,
  ) {
    const page = { before: fromCursor(query.cursor), limit: query.limit + 1 };
    const rows = await this.letters.list(project.id, toFilter(query), page);
    return toPage(rows, query.limit, { toKey: ({ id }) => id, toItem: toShown });
  }

  @Get('reasons')
  @Access('viewer')
  @ApiOperation({ summary: 'How many dead letters there are of each reason, the most first' })
  @ApiOkResponse({ standardSchema: REASON_COUNTS })
  async reasons(
    @Project() project: RequestProject,
    @Query({ schema: DEAD_LETTER_FILTER }) query: DeadLetterFilterQuery,
  ) {
    return { items: (await this.letters.countReasons(project.id, toFilter(query))).map(toReasonView) };
  }

  @Post('replay')
  @HttpCode(202)
  @Access('admin')
  @ApiOperation({ summary: 'Send many dead letters through the flow again, oldest first, and tell of each' })
  @ApiAcceptedResponse({ standardSchema: REPLAYED_MANY })
  async replayMany(@Project() project: RequestProject, @Body({ schema: REPLAY_MANY }) body: ReplayMany) {
    const { filter, limit, cursor, intoThisProject } = body;
    const outcomes: ReplayOutcome[] = [];
    let after = fromCursor(cursor);
    let hasMore = true;
    while (hasMore && outcomes.length < limit) {
      const count = Math.min(LETTERS_AT_ONCE, limit - outcomes.length);
      const found = await this.letters.listWhole(project.id, toFilter(filter), { after, limit: count + 1 });
      for (const letter of found.slice(0, count)) {
        outcomes.push(await this.replays.replay(project, letter, intoThisProject));
        after = letter.id;
      }
      hasMore = found.length > count;
    }
    const nextCursor = hasMore && after !== null ? Buffer.from(after).toString('base64url') : null;
    return { replayed: outcomes.filter(({ replayed }) => replayed).length, items: outcomes, nextCursor };
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
    const outcome = await this.replays.replay(project, letter, body.intoThisProject);
    if (!outcome.replayed) throw new Problem(PROBLEMS.conflict, toRefusalText(outcome));
    return outcome;
  }

  private async require(project: RequestProject, id: string): Promise<StoredDeadLetter> {
    const letter = await this.letters.find(project.id, id);
    if (!letter) throw notFound('dead letter', id);
    return letter;
  }
}

function toRefusalText({ code, detail }: { code: ReplayRefusal; detail: string }): string {
  const isOwn = code === 'payload_cut' || code === 'consent_needed';
  return isOwn ? detail : `It still cannot be stored (${code}): ${detail}`;
}

function toFilter(query: DeadLetterFilterQuery): DeadLetterFilter {
  return {
    reason: query.reason ?? null,
    source: query.source ?? null,
    contains: query.contains ?? null,
    receivedFrom: toDate(query.receivedFrom),
    receivedTo: toDate(query.receivedTo),
  };
}

function toReasonView({ reason, letters, firstAt, lastAt }: ReasonCount) {
  return {
    reason,
    letters,
    firstReceivedAt: firstAt.toISOString(),
    lastReceivedAt: lastAt.toISOString(),
  };
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
