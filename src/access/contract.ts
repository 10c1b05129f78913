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

/** Reads projects; answers come from memory and are at most five seconds old. */
export abstract class Projects {
  abstract findBySlug(slug: string): Promise<ProjectRef | null>;
  /** @throws where there is no such project */
  abstract get(projectId: ProjectId): Promise<ProjectRef>;
  abstract list(): Promise<ProjectRef[]>;
  /** Whether a request with this token may store events; true where the project has no collect tokens. */
  abstract acceptsToken(projectId: ProjectId, token: string | null): Promise<boolean>;
}

/** What has to be done by the clock: rows that nobody needs any more. */
export abstract class AccessUpkeep {
  abstract tasks(): UpkeepTask[];
}
