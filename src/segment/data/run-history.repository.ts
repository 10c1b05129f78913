import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/db/database.js';

/** The size of a segment at one moment. */
export interface SizePoint {
  runId: string;
  asOf: Date;
  version: number;
  members: number;
  entered: number;
  exited: number;
}

/** What finished runs tell about the past of a segment. */
@Injectable()
export class RunHistoryRepository {
  constructor(private readonly db: Database) {}

  /** Sizes in order of time, `limit` at a time; moments are ms since 1970, `after` is left out, `until` is not. */
  async sizes(
    segmentId: string,
    span: { after: number; until: number },
    limit: number,
  ): Promise<SizePoint[]> {
    const rows = await this.db.query<
      Pick<SizePoint, 'runId' | 'asOf' | 'version'> & Record<'members' | 'entered' | 'exited', string>
    >(
      `SELECT id AS "runId", as_of AS "asOf", version, member_count AS members, entered_count AS entered,
         exited_count AS exited
       FROM segment_run
       WHERE segment_id = $1 AND state = 'done' AND as_of > $2 AND as_of <= $3 ORDER BY as_of LIMIT $4`,
      [segmentId, new Date(span.after), new Date(span.until), limit],
    );
    return rows.map(({ members, entered, exited, ...row }) => ({
      ...row,
      members: Number(members),
      entered: Number(entered),
      exited: Number(exited),
    }));
  }

  /** The finished run with the latest moment until `asOfMs`, that one included. */
  async findAsOf(segmentId: string, asOfMs: number): Promise<string | null> {
    const [row] = await this.db.query<{ id: string }>(
      `SELECT id FROM segment_run WHERE segment_id = $1 AND state = 'done' AND as_of <= $2
       ORDER BY as_of DESC LIMIT 1`,
      [segmentId, new Date(asOfMs)],
    );
    return row?.id ?? null;
  }
}
