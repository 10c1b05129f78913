import { pretendReceivedInTime } from './received-in-time.js';
import { type Answer, type Rekindle, startRekindle, type TestProject, track, waitFor } from './rekindle.js';
import { untilStored } from './stored-events.js';

const DAY_MS = 86_400_000;
/** Midnight of today, UTC. */
export const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** A moment whose labels are known by now: 10 days, and 2 for events that arrive late. */
export const LABELLED = TODAY - 15 * DAY_MS;
export const VISITORS = 40;

/** A service that knows some visits, with snapshots of a feature set as of `LABELLED` and `TODAY`. */
export interface Visits {
  rekindle: Rekindle;
  project: TestProject;
  setId: string;
  /** Id of the user with that number. */
  idOf: (visitor: number) => Promise<string>;
  /** Sends a file below the project. */
  send: (
    path: string,
    file: Uint8Array | string,
    type?: string,
    method?: string,
  ) => Promise<Pick<Answer, 'status' | 'json'>>;
}

/** Visitor n came n + 1 times until 20 days ago; those from 20 on came back 10 days ago. */
export async function startWithVisits(env: Record<string, string>): Promise<Visits> {
  const rekindle = await startRekindle(env);
  const project = await rekindle.newProject();
  const visit = (visitor: number, at: number) => track(`user-${visitor}`, 'visit', {}, at);
  const visits = Array.from({ length: VISITORS }, (_, visitor) => [
    ...Array.from({ length: visitor + 1 }, (__, i) => visit(visitor, TODAY - 20 * DAY_MS - i * 3_600_000)),
    ...(visitor >= 20 ? [visit(visitor, TODAY - 10 * DAY_MS)] : []),
  ]).flat();
  for (let i = 0; i < visits.length; i += 500)
    await rekindle.sendEvents(project.slug, visits.slice(i, i + 500));
  // What shows later would not be pretended to have come in time.
  await untilStored(project, visits.length, 'visit');
  await pretendReceivedInTime(rekindle);
  return {
    rekindle,
    project,
    setId: await takeSnapshots(project),
    idOf: async (visitor) =>
      (await project.api('GET', `users?identity=$identity_anonymous_id:user-${visitor}`)).json.items[0].id,
    send: async (path, file, type = 'application/octet-stream', method = 'PUT') => {
      const answer = await fetch(`${rekindle.url}/api/v1/projects/${project.slug}/${path}`, {
        method,
        headers: { authorization: `Bearer ${rekindle.adminKey}`, 'content-type': type },
        body: file as never,
      });
      return { status: answer.status, json: await answer.json() };
    },
  };
}

async function takeSnapshots(project: TestProject): Promise<string> {
  const set = await project.api('POST', 'feature-sets', {
    name: 'visits',
    definition: {
      version: 1,
      features: ['events_30d', 'days_since_last_event'],
      label: { absent: { event: '*', days: 10 } },
    },
  });
  const path = `feature-sets/${set.json.id}/snapshots`;
  for (const cutoff of [LABELLED, TODAY]) {
    const made = await project.api('POST', path, { cutoff: new Date(cutoff).toISOString() });
    const stateOf = async () => (await project.api('GET', `${path}/${made.json.id}`)).json.state;
    await waitFor(async () => (await stateOf()) === 'done', 60_000);
  }
  return set.json.id;
}
