import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ProjectId } from '../../kernel/ids.js';

/** What an API key may do; each scope of the first three includes those before it. */
export const SCOPES = ['viewer', 'marketer', 'admin', 'collect'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who makes a request, as its API key tells. */
export interface Principal {
  keyId: string;
  /** null: a key of the installation, good for every project. */
  projectId: ProjectId | null;
  scopes: readonly Scope[];
}

/** The project that a request's path names. */
export interface RequestProject {
  id: ProjectId;
  slug: string;
  name: string;
  /** IANA name, such as Asia/Shanghai. */
  timeZone: string;
}

/** Knows API keys and projects; bound by the access stage. */
export abstract class Authenticator {
  /** @returns null where the key is unknown or revoked */
  abstract findPrincipal(apiKey: string): Promise<Principal | null>;
  abstract findProject(slug: string): Promise<RequestProject | null>;
}

export interface AccessRule {
  scope: Scope | 'public';
  /** Only keys of the installation, not of one project. */
  installation: boolean;
}

export const ACCESS_RULE = 'access-rule';

/** Says which scope a route needs. A route without this decorator makes the start fail. */
export const Access = (scope: Scope | 'public', options: { installation?: boolean } = {}) =>
  SetMetadata(ACCESS_RULE, {
    scope,
    installation: options.installation ?? false,
  } satisfies AccessRule);

export const READS_ONLY = 'reads-only';

/** Says that a POST changes nothing, so that it is no write: it needs no audit entry. */
export const ReadsOnly = () => SetMetadata(READS_ONLY, true);

export interface RequestWithAccess extends FastifyRequest {
  principal?: Principal;
  project?: RequestProject;
}

/** The project of the request, whose key was checked. */
export const Project = createParamDecorator((_: unknown, context: ExecutionContext): RequestProject => {
  const project = context.switchToHttp().getRequest<RequestWithAccess>().project;
  if (!project) throw new Error('@Project() on a route whose path names no project');
  return project;
});

export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const principal = context.switchToHttp().getRequest<RequestWithAccess>().principal;
  if (!principal) throw new Error('@CurrentPrincipal() on a public route');
  return principal;
});

export function hasScope(held: readonly Scope[], needed: Scope): boolean {
  if (held.includes(needed)) return true;
  if (needed === 'collect') return held.includes('admin');
  const order: readonly Scope[] = ['viewer', 'marketer', 'admin'];
  return held.some((scope) => order.indexOf(scope) >= order.indexOf(needed) && scope !== 'collect');
}
