import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Ledger, MESSAGE_STATES } from '../../deliver/contract.js';
import { Clock } from '../../platform/clock/clock.js';
import { Access, Project, type RequestProject } from '../../platform/http-server/access.js';
import { ProjectController } from '../../platform/http-server/admin-controller.js';
import { fillHours, firstHour } from '../core/hour-buckets.js';
import { ActivityRepository } from '../data/activity.repository.js';
import { OVERVIEW } from './report.schema.js';

const HOURS = 24;
const HOUR_MS = 3_600_000;

@ProjectController('overview', 'Overview')
export class OverviewController {
  constructor(
    private readonly ledger: Ledger,
    private readonly activity: ActivityRepository,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'The last 24 hours at a glance' })
  @ApiOkResponse({ standardSchema: OVERVIEW })
  async get(@Project() project: RequestProject) {
    const from = firstHour(this.clock.now(), HOURS);
    const [counts, messages] = await Promise.all([
      this.activity.countsPerHour(project.id, from, from + HOURS * HOUR_MS),
      this.ledger.countsOfProject(project.id, from),
    ]);
    return {
      hours: fillHours(counts, from, HOURS).map(({ hour, events, users }) => ({
        hour: new Date(hour).toISOString(),
        events,
        users,
      })),
      messages: {
        since: new Date(from).toISOString(),
        byState: Object.fromEntries(MESSAGE_STATES.map((state) => [state, messages.byState[state] ?? 0])),
        heldByReason: messages.heldByReason,
        opened: messages.opened,
        clicked: messages.clicked,
      },
    };
  }
}
