import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { JsonObject } from '../kernel/json.js';
import { Lazy } from '../kernel/lazy.js';
import type { ProfileMerge } from '../kernel/resumption.js';
import type { Sql } from '../platform/db/database.js';
import { metrics } from '../platform/metrics/metrics.js';
import { type MergedProfile, type Profile, type ProfileBatch, Profiles } from './contract.js';
import { applyProfile, isTooLarge, type ProfileState } from './core/apply-profile.js';
import { mergeProfiles, previewMergedProfile, splitProfile } from './core/merge-profiles.js';
import {
  applyTouch,
  isOfKnownVisit,
  type KnownTouches,
  knownTouches,
  readTouch,
  type Touch,
} from './core/touch.js';
import { type ProfileChange, ProfileRepository } from './data/profile.repository.js';
import { type KeptMerge, ProfileMergeRepository } from './data/profile-merge.repository.js';

const NO_PROFILE: ProfileState = { properties: {}, isDeleted: false };
const REMEMBERED_USERS = 100_000;
const REMEMBERED_MS = 600_000;

/** A record that changes its user's profile: by what it says, or because its event is a touch. */
interface Cause {
  record: TrackedRecord;
  touch: Touch | null;
  /** Whose profile it changes: what came before a merge changes that of the one who is absorbed. */
  userId: UserId;
}

/** Profiles while a batch is gone through. */
class ProfileStates {
  readonly states = new Map<UserId, ProfileState>();
  private readonly projects = new Map<UserId, ProjectId>();

  of(userId: UserId): ProfileState {
    return this.states.get(userId) ?? NO_PROFILE;
  }

  set(projectId: ProjectId, userId: UserId, state: ProfileState): void {
    this.states.set(userId, state);
    this.projects.set(userId, projectId);
  }

  apply({ record, touch, userId }: Cause): void {
    const before = this.of(userId);
    const after = touch ? withTouch(before, touch) : applyProfile(before, record);
    if (after === before) return;
    if (isTooLarge(after.properties)) countFull();
    else this.set(record.projectId, userId, after);
  }

  changes(): ProfileChange[] {
    return [...this.projects].map(([userId, projectId]) => ({ userId, projectId, ...this.of(userId) }));
  }
}

interface ProfileWork {
  batch: ProfileBatch;
  causes: readonly Cause[];
  profiles: ProfileStates;
}

@Injectable()
export class ProfileService extends Profiles {
  /** Users whose touches were seen not long ago: most events of a visit need no look at the profile. */
  private readonly touches = new Lazy(
    () => new LRUCache<UserId, KnownTouches>({ max: REMEMBERED_USERS, ttl: REMEMBERED_MS }),
  );

  constructor(
    private readonly repository: ProfileRepository,
    private readonly kept: ProfileMergeRepository,
  ) {
    super();
  }

  async apply(batch: ProfileBatch): Promise<void> {
    const causes = this.findCauses(batch);
    if (!hasWork(batch, causes)) return;
    const profiles = new ProfileStates();
    await this.repository.transaction((tx) => this.applyOnce(tx, { batch, causes, profiles }));
    for (const [userId, { properties }] of profiles.states) this.remember(userId, properties);
  }

  async tryOut(batch: ProfileBatch): Promise<void> {
    const causes = this.findCauses(batch);
    if (!hasWork(batch, causes)) return;
    const profiles = new ProfileStates();
    await this.repository.trial((tx) => this.applyOnce(tx, { batch, causes, profiles }));
  }

  read(projectId: ProjectId, userIds: readonly UserId[]): Promise<Map<UserId, Profile>> {
    return userIds.length === 0 ? Promise.resolve(new Map()) : this.repository.read(projectId, userIds);
  }

  async previewMerge(projectId: ProjectId, userIds: readonly UserId[]): Promise<MergedProfile> {
    const profiles = await this.read(projectId, userIds);
    return previewMergedProfile(userIds.flatMap((userId) => profiles.get(userId) ?? []));
  }

  private findCauses(batch: ProfileBatch): Cause[] {
    const causes: Cause[] = [];
    for (const record of batch.records) {
      const userId = record.formerUserId ?? record.userId;
      if (record.type.startsWith('profile_')) {
        // What it leaves of the touches is seen after it is applied.
        this.touches.value.delete(userId);
        causes.push({ record, touch: null, userId });
        continue;
      }
      const touch = readTouch(record);
      const known = touch && this.touches.value.get(userId);
      if (touch && !(known && isOfKnownVisit(touch, known))) causes.push({ record, touch, userId });
    }
    return causes;
  }

  private remember(userId: UserId, properties: JsonObject): void {
    const known = knownTouches(properties);
    if (known) this.touches.value.set(userId, known);
    else this.touches.value.delete(userId);
  }

  /**
   * The rows that segments read are written before the commit: what is in PostgreSQL is then in ClickHouse too, and
   * where one store refuses a profile the other keeps the one from before.
   */
  private async applyOnce(tx: Sql, { batch, causes, profiles }: ProfileWork): Promise<void> {
    if (!(await this.repository.claimBatch(tx, batch.id))) return;
    const changes = await this.change(tx, { batch, causes, profiles });
    const gone = mergesOf(batch).map(({ projectId, from }) => ({ projectId, userId: from }));
    await this.repository.publish(batch.id, withNewPersons(batch, changes), gone);
  }

  /** Fills `profiles` with the profiles as the batch leaves them, the unchanged ones included. */
  private async change(tx: Sql, { batch, causes, profiles }: ProfileWork): Promise<ProfileChange[]> {
    const ids = [
      ...causes.map(({ userId }) => userId),
      ...batch.splits.flatMap(({ restored, from }) => [restored, from]),
      ...batch.merges.flatMap(({ from, into }) => [from, into]),
    ];
    if (ids.length === 0) return [];
    for (const [userId, state] of await this.repository.lock(tx, [...new Set(ids)]))
      profiles.states.set(userId, state);
    for (const split of batch.splits) await this.split(tx, split, profiles);
    const absorbed = absorbedIn(batch);
    for (const cause of causes) if (absorbed.has(cause.userId)) profiles.apply(cause);
    await this.merge(tx, batch.merges, profiles);
    for (const cause of causes) if (!absorbed.has(cause.userId)) profiles.apply(cause);
    const deletions = causes.filter(({ record }) => record.type === 'profile_delete');
    await this.kept.forget(
      tx,
      deletions.map(({ userId }) => userId),
    );
    const changes = profiles.changes();
    await this.repository.save(tx, batch.id, changes);
    return changes.filter(({ userId }) => !absorbed.has(userId));
  }

  private async merge(tx: Sql, merges: ProfileBatch['merges'], profiles: ProfileStates): Promise<void> {
    const kept: KeptMerge[] = [];
    for (const { id, projectId, from, into } of merges) {
      const [present, absorbed] = [profiles.of(into).properties, profiles.of(from).properties];
      const isEmpty = Object.keys(absorbed).length === 0;
      if (!isEmpty) kept.push({ mergeId: id, userId: into, into: present, from: absorbed });
      profiles.set(projectId, into, { properties: mergeProfiles(present, absorbed), isDeleted: false });
      profiles.set(projectId, from, { properties: {}, isDeleted: true });
    }
    await this.kept.keep(tx, kept);
  }

  private async split(
    tx: Sql,
    { mergeId, projectId, restored, from }: ProfileBatch['splits'][number],
    profiles: ProfileStates,
  ): Promise<void> {
    const { kept, later } = await this.kept.take(tx, mergeId, from);
    // Empty, unless the profiles could not be merged at the time.
    const own = profiles.of(restored).properties;
    const properties = mergeProfiles(own, kept?.from ?? {});
    profiles.set(projectId, restored, { properties, isDeleted: false });
    if (!kept) return;
    const laterProfiles = later.map((merge) => merge.from);
    const left = splitProfile(profiles.of(from).properties, kept, laterProfiles);
    profiles.set(projectId, from, { properties: left, isDeleted: false });
  }
}

function hasWork(batch: ProfileBatch, causes: readonly Cause[]): boolean {
  return causes.length + batch.splits.length + mergesOf(batch).length + batch.created.length > 0;
}

/** Those whose profiles stay apart included: the absorbed person is out of sight all the same. */
function mergesOf({ merges, unmerged }: ProfileBatch): readonly ProfileMerge[] {
  return unmerged.length === 0 ? merges : [...merges, ...unmerged];
}

function absorbedIn(batch: ProfileBatch): ReadonlySet<UserId> {
  return new Set(mergesOf(batch).map(({ from }) => from));
}

function withTouch(state: ProfileState, touch: Touch): ProfileState {
  const properties = applyTouch(state.properties, touch);
  return properties === state.properties ? state : { properties, isDeleted: false };
}

/** A record that would make its profile too large is left out. */
function countFull(): void {
  metrics.flowOutcome.inc({ flow: 'ingest', step: 'profile', kind: 'drop', reason: 'profile_full' });
}

/** New persons without a property get a row too: they belong to the population. */
function withNewPersons(batch: ProfileBatch, changes: readonly ProfileChange[]): ProfileChange[] {
  const absorbed = absorbedIn(batch);
  const changed = new Set(changes.map(({ userId }) => userId));
  const created = batch.created
    .filter(({ userId }) => !changed.has(userId) && !absorbed.has(userId))
    .map(({ projectId, userId }) => ({ projectId, userId, ...NO_PROFILE }));
  return [...changes.filter(({ userId }) => !absorbed.has(userId)), ...created];
}
