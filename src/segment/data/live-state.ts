import type { ProjectId } from '../../kernel/ids.js';
import type { Sql } from '../../platform/db/database.js';

/**
 * Begins or ends the live membership of a segment that was changed. One that is paused or archived is not kept up to
 * date; active again, it begins anew.
 */
export async function keepLiveState(
  tx: Sql,
  segment: { id: string; projectId: ProjectId; isLive: boolean; state: string; updatedAt: Date },
): Promise<void> {
  if (segment.isLive && segment.state === 'active') {
    await tx.execute(
      `INSERT INTO segment_live (segment_id, project_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [segment.id, segment.projectId, segment.updatedAt],
    );
    return;
  }
  const ended = await tx.execute('DELETE FROM segment_live WHERE segment_id = $1', [segment.id]);
  if (ended > 0)
    await tx.execute('UPDATE segment SET live_until = $2 WHERE id = $1', [segment.id, segment.updatedAt]);
}
