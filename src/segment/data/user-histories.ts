import { Injectable } from '@nestjs/common';
import type { ProjectId, UserId } from '../../kernel/ids.js';
import type { JsonObject } from '../../kernel/json.js';
import { SqlParams } from '../../kernel/sql-params.js';
import { ClickHouse } from '../../platform/clickhouse/clickhouse.js';
import { EVENT_TABLE, PROFILE_TABLE } from '../../store/contract.js';
import type { UserHistory } from '../core/evaluate-segment.js';
import { type EventScope, toScopeSql } from '../core/event-scope.js';
import type { KnownEvent } from '../core/explain-segment.js';

/** More events of one user are not looked through while somebody waits. */
export const MAX_EVENTS = 50_000;

/** What is known of single users, as the queries of segments see it. */
@Injectable()
export class UserHistories {
  constructor(private readonly clickhouse: ClickHouse) {}

  /**
   * One user, under whichever number of theirs, with the events of the scopes.
   * @returns null where the project has no such user; `too_many_events` where there are more than MAX_EVENTS
   */
  async read(
    projectId: ProjectId,
    userId: UserId,
    scopes: readonly EventScope[],
  ): Promise<UserHistory<KnownEvent> | null | 'too_many_events'> {
    const [person] = await this.clickhouse.query<{ userId: UserId; properties: JsonObject }>(
      `SELECT user_id AS userId, properties FROM ${PROFILE_TABLE} FINAL
       WHERE project_id = {project:UInt32}
         AND user_id = dictGetOrDefault('person_canonical', 'canonical', {user:UInt64}, {user:UInt64})`,
      { project: projectId, user: userId },
    );
    if (!person) return null;
    const events = scopes.length === 0 ? [] : await this.events(projectId, person.userId, scopes);
    if (events.length > MAX_EVENTS) return 'too_many_events';
    return { userId: person.userId, profile: person.properties, events };
  }

  private events(projectId: ProjectId, userId: UserId, scopes: readonly EventScope[]): Promise<KnownEvent[]> {
    const params = new SqlParams();
    const user = params.bind(userId, 'UInt64');
    const wanted = scopes.map((scope) => `(${toScopeSql(scope, params).join(' AND ')})`).join(' OR ');
    return this.clickhouse.query<KnownEvent>(
      `SELECT lower(replaceAll(toString(event_id), '-', '')) AS eventId, event, toUnixTimestamp64Milli(time) AS time, properties
       FROM (
         SELECT event_id, event, time, properties FROM ${EVENT_TABLE}
         WHERE project_id = ${params.bind(projectId, 'UInt32')}
           AND user_id IN (SELECT person_id FROM person_alias FINAL WHERE canonical = ${user} UNION ALL SELECT ${user})
           AND (${wanted})
         LIMIT ${params.bind(MAX_EVENTS + 1, 'UInt32')}
       )`,
      params.values,
    );
  }
}
