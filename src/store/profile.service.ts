import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import type { Sql } from '../platform/db/database.js';
import { type Profile, type ProfileBatch, Profiles } from './contract.js';
import { applyProfile, mergeProfiles, type ProfileState } from './core/apply-profile.js';
import {
  applyTouch,
  isOfKnownVisit,
  type KnownTouches,
  knownTouches,
  readTouch,
  type Touch,
} from './core/touch.js';
import { type ProfileChange, ProfileRepository } from './data/profile.repository.js';

const NO_PROFILE: ProfileState = { properties: {}, isDeleted: false };
const REMEMBERED_USERS = 100_000;
const REMEMBERED_MS = 600_000;

type ProfileStates = Map<UserId, ProfileState>;

/** A record that changes its user's profile: by what it says, or because its event is a touch. */
interface Cause {
  record: TrackedRecord;
  touch: Touch | null;
}

@Injectable()
export class ProfileService extends Profiles {
  /** Users whose touches were seen not long ago: most events of a visit need no look at the profile. */
  private readonly touches = new LRUCache<UserId, KnownTouches>({
    max: REMEMBERED_USERS,
    ttl: REMEMBERED_MS,
  });

  constructor(private readonly repository: ProfileRepository) {
    super();
  }

  async apply(batch: ProfileBatch): Promise<void> {
    const causes = this.findCauses(batch);
    if (causes.length + batch.merges.length + batch.created.length === 0 && !batch.mayBeRepeated) return;
    const states: ProfileStates = new Map();
    const changes = await this.repository.transaction(async (tx) => {
      if (!(await this.repository.claimBatch(tx, batch.id))) return null;
      return this.change(tx, { batch, causes, states });
    });
    for (const [userId, { properties }] of states) this.remember(userId, properties);
    await this.repository.publish(
      batch.id,
      withNewPersons(batch, changes ?? (await this.repository.changedBy(batch.id))),
      batch.merges.map(({ projectId, from }) => ({ projectId, userId: from })),
    );
  }

  read(projectId: ProjectId, userIds: readonly UserId[]): Promise<Map<UserId, Profile>> {
    return userIds.length === 0 ? Promise.resolve(new Map()) : this.repository.read(projectId, userIds);
  }

  private findCauses(batch: ProfileBatch): Cause[] {
    const causes: Cause[] = [];
    for (const record of batch.records) {
      if (record.type.startsWith('profile_')) {
        // What it leaves of the touches is seen after it is applied.
        this.touches.delete(record.userId);
        causes.push({ record, touch: null });
        continue;
      }
      const touch = readTouch(record);
      const known = touch && this.touches.get(record.userId);
      if (touch && !(known && isOfKnownVisit(touch, known))) causes.push({ record, touch });
    }
    return causes;
  }

  private remember(userId: UserId, properties: JsonObject): void {
    const known = knownTouches(properties);
    if (known) this.touches.set(userId, known);
    else this.touches.delete(userId);
  }

  /** Fills `states` with the profiles as the batch leaves them, the unchanged ones included. */
  private async change(
    tx: Sql,
    { batch, causes, states }: { batch: ProfileBatch; causes: readonly Cause[]; states: ProfileStates },
  ): Promise<ProfileChange[]> {
    const ids = [
      ...causes.map(({ record }) => record.userId),
      ...batch.merges.flatMap(({ from, into }) => [from, into]),
    ];
    if (ids.length === 0) return [];
    for (const [userId, state] of await this.repository.lock(tx, [...new Set(ids)]))
      states.set(userId, state);
    const projects = new Map<UserId, ProjectId>();
    for (const { projectId, from, into } of batch.merges) {
      const absorbed = states.get(from) ?? NO_PROFILE;
      const present = states.get(into) ?? NO_PROFILE;
      states.set(into, {
        properties: mergeProfiles(present.properties, absorbed.properties),
        isDeleted: false,
      });
      states.set(from, { properties: {}, isDeleted: true });
      projects.set(into, projectId).set(from, projectId);
    }
    for (const { record, touch } of causes) {
      const before = states.get(record.userId) ?? NO_PROFILE;
      const after = touch ? withTouch(before, touch) : applyProfile(before, record);
      if (after === before) continue;
      states.set(record.userId, after);
      projects.set(record.userId, record.projectId);
    }
    const changes = [...projects].map(([userId, projectId]) => ({
      userId,
      projectId,
      ...(states.get(userId) ?? NO_PROFILE),
    }));
    await this.repository.save(tx, batch.id, changes);
    const absorbed = new Set(batch.merges.map(({ from }) => from));
    return changes.filter(({ userId }) => !absorbed.has(userId));
  }
}

function withTouch(state: ProfileState, touch: Touch): ProfileState {
  const properties = applyTouch(state.properties, touch);
  return properties === state.properties ? state : { properties, isDeleted: false };
}

/** New persons without a property get a row too: they belong to the population. */
function withNewPersons(batch: ProfileBatch, changes: readonly ProfileChange[]): ProfileChange[] {
  const absorbed = new Set(batch.merges.map(({ from }) => from));
  const changed = new Set(changes.map(({ userId }) => userId));
  const created = batch.created
    .filter(({ userId }) => !changed.has(userId) && !absorbed.has(userId))
    .map(({ projectId, userId }) => ({ projectId, userId, ...NO_PROFILE }));
  return [...changes.filter(({ userId }) => !absorbed.has(userId)), ...created];
}
