import { Injectable } from '@nestjs/common';
import { Identities } from '../identify/contract.js';
import { formatUserId, type ProjectId, parseUserId, type UserId } from '../kernel/ids.js';
import { type Profile, Profiles } from '../store/contract.js';
import { PopulationRepository } from './data/population.repository.js';

/** One person of a project; `askedId` was merged into `userId` where the two differ. */
export interface FoundUser {
  askedId: UserId;
  userId: UserId;
  /** Null for a person who never had a property. */
  profile: Profile | null;
}

/** Finds persons, merges followed, and never one of another project. */
@Injectable()
export class UserReader {
  constructor(
    private readonly identities: Identities,
    private readonly profiles: Profiles,
    private readonly population: PopulationRepository,
  ) {}

  /** @param id as shown outside, `usr_<n>`; @returns null where the project has no such person */
  async find(projectId: ProjectId, id: string): Promise<FoundUser | null> {
    const askedId = parseUserId(id);
    if (askedId === null) return null;
    const userId = (await this.identities.canonical([askedId])).get(askedId) ?? askedId;
    const profile = (await this.profiles.read(projectId, [userId])).get(userId) ?? null;
    if (profile === null && !(await this.population.has(projectId, userId))) return null;
    return { askedId, userId, profile };
  }

  async findByIdentity(
    projectId: ProjectId,
    identity: { key: string; value: string },
  ): Promise<FoundUser | null> {
    const userId = await this.identities.findUser(projectId, identity);
    return userId === null ? null : this.find(projectId, formatUserId(userId));
  }

  /** Newest first, behind the person `before`. */
  async list(projectId: ProjectId, before: UserId | null, limit: number): Promise<FoundUser[]> {
    const userIds = await this.population.list(projectId, before, limit);
    const profiles = await this.profiles.read(projectId, userIds);
    return userIds.map((userId) => ({ askedId: userId, userId, profile: profiles.get(userId) ?? null }));
  }

  identitiesOf(user: FoundUser): Promise<Record<string, string[]>> {
    return this.identities.identitiesOf(user.userId);
  }
}
