import { Injectable } from '@nestjs/common';
import { groupIdentities } from '../kernel/group-identities.js';
import { type ProjectId, parseUserId, type UserId } from '../kernel/ids.js';
import { type Profile, Profiles } from '../store/contract.js';
import { PopulationRepository } from './data/population.repository.js';
import { UserRepository } from './data/user.repository.js';

/** One person of a project; `askedId` was merged into the user of the profile where the two differ. */
export interface FoundUser {
  askedId: UserId;
  profile: Profile;
}

/** Finds persons, merges followed, and never one of another project. */
@Injectable()
export class UserReader {
  constructor(
    private readonly users: UserRepository,
    private readonly profiles: Profiles,
    private readonly population: PopulationRepository,
  ) {}

  /**
   * A person with every identity.
   * @param id as shown outside, `usr_<n>`
   * @returns null where the project has no such person
   */
  async find(
    projectId: ProjectId,
    id: string,
  ): Promise<(FoundUser & { identities: Record<string, string[]> }) | null> {
    const askedId = parseUserId(id);
    const found = askedId === null ? null : await this.users.findById(projectId, askedId);
    if (askedId === null || found === null) return null;
    return { askedId, profile: found.profile, identities: groupIdentities(found.identities) };
  }

  async findByIdentity(
    projectId: ProjectId,
    identity: { key: string; value: string },
  ): Promise<FoundUser | null> {
    const profile = await this.users.findByIdentity(projectId, identity);
    return profile && { askedId: profile.userId, profile };
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
}
