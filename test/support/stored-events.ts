import { type TestProject, waitFor } from './rekindle.js';

/** An entry of a timeline, as the API shows it. */
export interface ShownEvent {
  eventId: string;
  event: string;
  isSystem: boolean;
  distinctId: string;
  time: string;
  clientTime: string;
  receivedAt: string;
  source: string;
  properties: Record<string, unknown>;
}

/** A user as the API shows it; null where nobody has the identity, written `<key>:<value>`. */
export async function findUser(
  project: TestProject,
  identity: string,
): Promise<{ id: string; properties: Record<string, unknown> } | null> {
  const { json } = await project.api('GET', `users?identity=${encodeURIComponent(identity)}`);
  return json.items[0] ?? null;
}

/** Every event of a user, in the order in which they happened. */
export async function timelineOf(project: TestProject, identity: string): Promise<ShownEvent[]> {
  const user = await findUser(project, identity);
  if (!user) return [];
  const events: ShownEvent[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { json } = await project.api('GET', `users/${user.id}/timeline?limit=500${cursor}`);
    events.push(...json.items);
    cursor = json.nextCursor === null ? null : `&cursor=${json.nextCursor}`;
  }
  return events.reverse();
}

/** How far back `untilStored` looks. */
const DAYS = 150;

/** Waits for exactly this many events of a project, or of one name in it: those of several months show month by month. */
export async function untilStored(project: TestProject, count: number, event?: string): Promise<void> {
  const query = { range: { last: { days: DAYS } }, ...(event === undefined ? {} : { events: [event] }) };
  await waitFor(async () => {
    const { json } = await project.api('POST', 'query/events', query);
    return json.rows[0]?.values[0] === count;
  });
}

/**
 * Waits until a user has this many events and everything sent so far has been through the flow. More than asked for
 * come back too: whoever asks sees what was stored twice.
 */
export async function storedEvents(
  project: TestProject,
  identity: string,
  count: number,
  timeoutMs?: number,
): Promise<ShownEvent[]> {
  await waitFor(async () => (await timelineOf(project, identity)).length >= count, timeoutMs);
  // What is sent a second time would come within the linger of a batch.
  await new Promise((done) => setTimeout(done, 500));
  return timelineOf(project, identity);
}
