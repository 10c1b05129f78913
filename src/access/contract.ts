import type { ProjectId } from '../kernel/ids.js';
import type { UpkeepTask } from '../kernel/upkeep.js';

/** A tenant. Its slug names it outside, its number inside the stores. */
export interface ProjectRef {
  id: ProjectId;
  slug: string;
  name: string;
  /** IANA name, such as Asia/Shanghai. */
  timeZone: string;
}

/** What a project takes in, and from whom. */
export interface CollectRules {
  projectId: ProjectId;
  slug: string;
  /** Whether a request with this token may store events; true where the project has no collect tokens. */
  acceptsToken(token: string | null): boolean;
  /** Origins of the pages that may send, such as `https://shop.example`; empty: any. */
  allowedOrigins: ReadonlySet<string>;
  /** Largest request body in bytes; null: that of the installation. */
  bodyLimitBytes: number | null;
  timeLimits: TimeLimits;
}

/** How far the time of a record may be from the moment of its receiving; null: as far as the installation lets it. */
export interface TimeLimits {
  lateDays: number | null;
  futureMinutes: number | null;
}

/** Reads projects; answers come from memory and are at most five seconds old. */
export abstract class Projects {
  abstract findBySlug(slug: string): Promise<ProjectRef | null>;
  /** @throws where there is no such project */
  abstract get(projectId: ProjectId): Promise<ProjectRef>;
  abstract list(): Promise<ProjectRef[]>;
  /** Those of a project that is not there are the installation's. */
  abstract timeLimits(projectId: ProjectId): Promise<TimeLimits>;
  /** Null where there is no project of that slug. */
  abstract collectRules(slug: string): Promise<CollectRules | null>;
  /**
   * Of the project that has this collect token. A project without any is found by its slug, for clients that send
   * nothing but a key. Null where there is none.
   */
  abstract collectRulesByKey(key: string): Promise<CollectRules | null>;
}

/** What has to be done by the clock: rows that nobody needs any more. */
export abstract class AccessUpkeep {
  abstract tasks(): UpkeepTask[];
}
