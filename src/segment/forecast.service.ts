import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import type { RequestProject } from '../platform/http-server/access.js';
import { log } from '../platform/log/log.js';
import type { CompiledSegment } from './core/compile-segment.js';
import {
  explainTooManyRows,
  type Forecast,
  type Lane,
  laneOf,
  limitsOf,
  type RunLimits,
} from './core/forecast.js';
import { type AnyDefinition, isSql } from './core/sql-definition.js';
import { CostEstimator } from './data/cost-estimator.js';
import { SegmentLimitRepository } from './data/segment-limit.repository.js';
import { DefinitionCompiler, withinLimits } from './definition-compiler.service.js';

/** A forecast with what it means here. */
export interface JudgedForecast extends Forecast {
  lane: Lane;
  limits: RunLimits;
  /** Why a run would not begin; null where it would. */
  refusal: string | null;
}

/** Tells before a run what it would read, and whether it may. */
@Injectable()
export class ForecastService {
  constructor(
    private readonly clock: Clock,
    private readonly config: Config,
    private readonly estimator: CostEstimator,
    private readonly limits: SegmentLimitRepository,
    private readonly compiler: DefinitionCompiler,
  ) {}

  /** Of a definition in a request, as of now. */
  async ofDefinition(
    project: RequestProject,
    definition: AnyDefinition,
    self: string | null = null,
  ): Promise<JudgedForecast> {
    const at = { projectId: project.id, asOf: this.clock.now(), timeZone: project.timeZone };
    const compiled = await this.compiler.compileRequested(definition, { ...at, self });
    return withinLimits(this.ofQuery(project.id, compiled), isSql(definition));
  }

  /** Like `ofDefinition`, where an answer stands without it: null where it cannot be told. */
  async tryOfDefinition(
    project: RequestProject,
    definition: AnyDefinition,
    self: string | null = null,
  ): Promise<JudgedForecast | null> {
    try {
      return await this.ofDefinition(project, definition, self);
    } catch (error) {
      log.warn({ err: error }, 'what a segment would read could not be told');
      return null;
    }
  }

  async ofQuery(projectId: ProjectId, compiled: CompiledSegment): Promise<JudgedForecast> {
    const [forecast, limits] = await Promise.all([
      this.estimator.estimate(compiled),
      this.limitsOf(projectId),
    ]);
    const lane = laneOf(forecast, this.config.get('SEGMENT_HEAVY_ROWS'));
    return { ...forecast, lane, limits, refusal: explainTooManyRows(forecast, limits) };
  }

  async limitsOf(projectId: ProjectId): Promise<RunLimits> {
    return limitsOf(this.installationLimits(), await this.limits.find(projectId));
  }

  installationLimits(): { maxRows: number; maxMembers: number } {
    return {
      maxRows: this.config.get('SEGMENT_MAX_ROWS'),
      maxMembers: this.config.get('SEGMENT_MAX_MEMBERS'),
    };
  }
}
