import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS_RULE, type AccessRule, Authenticator, hasScope, type RequestWithAccess } from './access.js';
import { PROBLEMS, Problem } from './problem.js';

/** Checks the API key, its scope and its project before any controller runs. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule?.scope === 'public') return true;
    if (!rule) throw new Error('A route without @Access');
    const request = context.switchToHttp().getRequest<RequestWithAccess>();
    await this.check(request, rule);
    return true;
  }

  private async check(request: RequestWithAccess, rule: AccessRule): Promise<void> {
    const apiKey = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const principal = apiKey === undefined ? null : await this.authenticator.findPrincipal(apiKey);
    if (!principal) {
      throw new Problem(PROBLEMS.unauthenticated, 'Send a valid key: Authorization: Bearer <key>.');
    }
    const slug = (request.params as { project?: string } | undefined)?.project;
    if (slug !== undefined) {
      const project = await this.authenticator.findProject(slug);
      // A key of another project must not learn which projects exist.
      if (!project || (principal.projectId !== null && principal.projectId !== project.id)) {
        throw new Problem(PROBLEMS.projectNotFound, `There is no project ${slug} for this key.`);
      }
      request.project = project;
    }
    if (rule.installation && principal.projectId !== null) {
      throw new Problem(PROBLEMS.forbidden, 'This needs a key of the installation, not of one project.');
    }
    if (rule.scope !== 'public' && !hasScope(principal.scopes, rule.scope)) {
      throw new Problem(PROBLEMS.forbidden, `This needs a key with the scope ${rule.scope}.`);
    }
    request.principal = principal;
  }
}
