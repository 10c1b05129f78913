import { Injectable } from '@nestjs/common';
import type { TrackedRecord } from '../kernel/event.js';
import type { ProjectId, UserId } from '../kernel/ids.js';
import type { Sql } from '../platform/db/database.js';
import { type Profile, type ProfileBatch, Profiles } from './contract.js';
import { applyProfile, mergeProfiles, type ProfileState } from './core/apply-profile.js';
import { type ProfileChange, ProfileRepository } from './data/profile.repository.js';

const NO_PROFILE: ProfileState = { properties: {}, isDeleted: false };

@Injectable()
export class ProfileService extends Profiles {
  constructor(private readonly repository: ProfileRepository) {
    super();
  }

  async apply(batch: ProfileBatch): Promise<void> {
    const records = batch.records.filter(({ type }) => type.startsWith('profile_'));
    if (records.length + batch.merges.length + batch.created.length === 0 && !batch.mayBeRepeated) return;
    const changes = await this.repository.transaction(async (tx) => {
      if (!(await this.repository.claimBatch(tx, batch.id))) return null;
      return this.change(tx, batch, records);
    });
    await this.repository.publish(
      batch.id,
      withNewPersons(batch, changes ?? (await this.repository.changedBy(batch.id))),
      batch.merges.map(({ projectId, from }) => ({ projectId, userId: from })),
    );
  }

  read(projectId: ProjectId, userIds: readonly UserId[]): Promise<Map<UserId, Profile>> {
    return userIds.length === 0 ? Promise.resolve(new Map()) : this.repository.read(projectId, userIds);
  }

  private async change(
    tx: Sql,
    batch: ProfileBatch,
    records: readonly TrackedRecord[],
  ): Promise<ProfileChange[]> {
    const ids = [
      ...records.map(({ userId }) => userId),
      ...batch.merges.flatMap(({ from, into }) => [from, into]),
    ];
    if (ids.length === 0) return [];
    const states = await this.repository.lock(tx, [...new Set(ids)]);
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
    for (const record of records) {
      states.set(record.userId, applyProfile(states.get(record.userId) ?? NO_PROFILE, record));
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

/** New persons without a property get a row too: they belong to the population. */
function withNewPersons(batch: ProfileBatch, changes: readonly ProfileChange[]): ProfileChange[] {
  const absorbed = new Set(batch.merges.map(({ from }) => from));
  const changed = new Set(changes.map(({ userId }) => userId));
  const created = batch.created
    .filter(({ userId }) => !changed.has(userId) && !absorbed.has(userId))
    .map(({ projectId, userId }) => ({ projectId, userId, ...NO_PROFILE }));
  return [...changes.filter(({ userId }) => !absorbed.has(userId)), ...created];
}
