import { Injectable } from '@nestjs/common';
import { Identities } from '../identify/contract.js';
import { type ProjectId, parseUserId, type UserId } from '../kernel/ids.js';
import { type Profile, Profiles } from '../store/contract.js';
import { PopulationRepository } from './data/population.repository.js';

/** One person of a project; `askedId` was merged into the user of the profile where the two differ. */
export interface FoundUser {
  askedId: UserId;
  profile: Profile;
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
    const userId = askedId === null ? null : await this.identities.findCurrent(projectId, askedId);
    return askedId === null || userId === null ? null : this.read(projectId, userId, askedId);
  }

  /** The same, with every identity. */
  async findWithIdentities(
    projectId: ProjectId,
    id: string,
  ): Promise<(FoundUser & { identities: Record<string, string[]> }) | null> {
    const askedId = parseUserId(id);
    const userId = askedId === null ? null : await this.identities.findCurrent(projectId, askedId);
    if (askedId === null || userId === null) return null;
    const [user, identities] = await Promise.all([
      this.read(projectId, userId, askedId),
      this.identities.identitiesOf(userId),
    ]);
    return user && { ...user, identities };
  }

  async findByIdentity(
    projectId: ProjectId,
    identity: { key: string; value: string },
  ): Promise<FoundUser | null> {
    const userId = await this.identities.findUser(projectId, identity);
    return userId === null ? null : this.read(projectId, userId, userId);
  }

  /** Newest first, behind the person `before`. */
  async list(projectId: ProjectId, before: UserId | null, limit: number): Promise<FoundUser[]> {
    const userIds = await this.population.list(projectId, before, limit);
    const profiles = await this.profiles.read(projectId, userIds);
    return userIds.map((userId) => ({
      askedId: userId,
      profile: profiles.get(userId) ?? { userId, properties: {}, updatedAt: null },
    }));
  }

  private async read(projectId: ProjectId, userId: UserId, askedId: UserId): Promise<FoundUser | null> {
    const profile = (await this.profiles.read(projectId, [userId])).get(userId);
    return profile ? { askedId, profile } : null;
  }
}
