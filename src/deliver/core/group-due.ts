import type { ProjectId } from '../../kernel/ids.js';

/** A queued message and when it is due, ms since 1970. */
export interface DueMessage {
  id: string;
  projectId: ProjectId;
  dueAt: number;
}

export interface DueGroup {
  projectId: ProjectId;
  messageIds: string[];
  /** Wait from now until the last message of the group is due. */
  delayMs: number;
}

/** Most messages that one job sends. */
export const GROUP_SIZE = 50;

/** Messages due within the same second share a job. */
const SLOT_MS = 1_000;

/** Gathers queued messages into jobs: one project each, due at about the same time. */
export function groupDue(messages: readonly DueMessage[], now: number): DueGroup[] {
  const groups = new Map<string, DueGroup>();
  for (const message of messages) {
    const delayMs = Math.max(0, message.dueAt - now);
    const slot = `${message.projectId} ${Math.ceil(delayMs / SLOT_MS)}`;
    const open = groups.get(slot);
    if (open && open.messageIds.length < GROUP_SIZE) {
      open.messageIds.push(message.id);
      open.delayMs = Math.max(open.delayMs, delayMs);
      continue;
    }
    if (open) groups.set(`${slot} ${groups.size}`, open);
    groups.set(slot, { projectId: message.projectId, messageIds: [message.id], delayMs });
  }
  return [...groups.values()];
}
