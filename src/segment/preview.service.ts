import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { previewShare, toCount } from './core/preview-share.js';
import { type AnyDefinition, isSql } from './core/sql-definition.js';
import { MemberStore } from './data/member-store.js';
import { DefinitionCompiler, withinLimits } from './definition-compiler.service.js';
import { DefinitionWarnings } from './definition-warnings.service.js';
import { ForecastService } from './forecast.service.js';
import { tooExpensive } from './http/segment.problems.js';

/** Shows what a definition would find, before it is saved. */
@Injectable()
export class PreviewService {
  constructor(
    private readonly clock: Clock,
    private readonly members: MemberStore,
    private readonly warnings: DefinitionWarnings,
    private readonly compiler: DefinitionCompiler,
    private readonly forecasts: ForecastService,
  ) {}

  /** @param isExact looks at everyone, however long it takes; else much is estimated by a share of the users */
  async preview(project: RequestProject, definition: AnyDefinition, isExact: boolean) {
    const asOf = this.clock.now();
    await this.compiler.check(project.id, definition, null);
    const context = { projectId: project.id, self: null, asOf, timeZone: project.timeZone };
    const compiled = await this.compiler.compileRequested(definition, context);
    const forecast = await withinLimits(this.forecasts.ofQuery(project.id, compiled), isSql(definition));
    if (forecast.refusal !== null) throw tooExpensive(forecast.refusal);
    const { settings, ...shown } = compiled;
    const oneIn = isExact || isSql(definition) ? 1 : previewShare(forecast.rows);
    const asked =
      oneIn === 1 ? compiled : await this.compiler.compileRequested(definition, { ...context, oneIn });
    const [found, warnings] = await Promise.all([
      withinLimits(this.members.preview(asked), settings !== undefined),
      this.warnings.find(project, definition),
    ]);
    return { asOf, ...found, ...toCount(found.count, oneIn), ...shown, warnings, forecast };
  }

  /** How the members of a saved segment would change with another definition, now. */
  async difference(
    project: RequestProject,
    segment: { id: string; definition: AnyDefinition },
    definition: AnyDefinition,
  ) {
    const asOf = this.clock.now();
    const context = { projectId: project.id, self: segment.id, asOf, timeZone: project.timeZone };
    await this.compiler.check(project.id, definition, segment.id);
    const [before, after] = await Promise.all([
      this.compiler.compileRequested(segment.definition, { ...context, paramPrefix: 'b' }),
      this.compiler.compileRequested(definition, { ...context, paramPrefix: 'a' }),
    ]);
    const found = await withinLimits(
      this.members.difference(before, after),
      (before.settings ?? after.settings) !== undefined,
    );
    return { asOf, ...found, warnings: await this.warnings.find(project, definition) };
  }
}
