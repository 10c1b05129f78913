import { Injectable } from '@nestjs/common';
import type { ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { type FieldError, notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import type { FeatureValue, NamedFeature } from './core/feature.js';
import type { FeaturePlan, FeatureSetDefinition } from './core/feature-set.js';
import { MAX_FEATURES } from './core/feature-set.js';
import type { FeatureSettings } from './core/feature-settings.js';
import { FeatureCatalogueRepository, type OwnFeature } from './data/feature-catalogue.repository.js';
import { FEATURE_FAMILIES } from './definitions/index.js';

/** A feature that a project can name. */
export interface CatalogueFeature {
  name: string;
  /** null: the project defined it. */
  family: string | null;
  description: string;
  /** null: the settings have to say something first. */
  value: FeatureValue | null;
}

/** The library and what projects add to it. */
@Injectable()
export class FeatureCatalogue {
  constructor(
    private readonly clock: Clock,
    private readonly repository: FeatureCatalogueRepository,
  ) {}

  async list(projectId: ProjectId): Promise<CatalogueFeature[]> {
    const [settings, own] = await Promise.all([
      this.repository.settings(projectId),
      this.repository.listOwn(projectId),
    ]);
    return [
      ...libraryOf(settings),
      ...own.map(({ name, description, definition }) => ({
        name,
        description,
        family: null,
        value: definition.value,
      })),
    ];
  }

  async get(projectId: ProjectId, name: string): Promise<CatalogueFeature> {
    const feature = (await this.list(projectId)).find((each) => each.name === name);
    if (!feature) throw notFound('feature', name);
    return feature;
  }

  async define(projectId: ProjectId, feature: OwnFeature): Promise<void> {
    const settings = await this.repository.settings(projectId);
    const isTaken = libraryOf(settings).some(({ name }) => name === feature.name);
    const now = new Date(this.clock.now());
    if (isTaken || !(await this.repository.insertOwn(projectId, feature, now))) {
      throw new Problem(PROBLEMS.conflict, `There is a feature named ${feature.name} already.`, [
        { pointer: '/name', code: 'name_taken', detail: 'Choose another name.' },
      ]);
    }
  }

  /** Feature sets that were saved with it keep it. */
  async remove(projectId: ProjectId, name: string): Promise<void> {
    if (!(await this.repository.deleteOwn(projectId, name))) throw notFound('feature', name);
  }

  settings(projectId: ProjectId): Promise<FeatureSettings> {
    return this.repository.settings(projectId);
  }

  setSettings(projectId: ProjectId, settings: FeatureSettings): Promise<void> {
    return this.repository.setSettings(projectId, settings, new Date(this.clock.now()));
  }

  /** Looks up everything that a definition of a feature set names; refuses it where something is not there. */
  async plan(
    project: { id: ProjectId; timeZone: string },
    definition: FeatureSetDefinition,
  ): Promise<FeaturePlan> {
    const [known, settings] = await Promise.all([this.list(project.id), this.settings(project.id)]);
    const errors: FieldError[] = [];
    const chosen = new Map<string, FeatureValue>();
    const choose = (feature: CatalogueFeature, pointer: string) => {
      if (feature.value === null) errors.push(needsSettings(feature, pointer));
      else chosen.set(feature.name, feature.value);
    };
    definition.families.forEach((family, index) => {
      const members = known.filter((feature) => feature.family === family);
      const pointer = `/definition/families/${index}`;
      if (members.length === 0) errors.push(unknown('family', family, pointer));
      for (const member of members) choose(member, pointer);
    });
    definition.features.forEach((name, index) => {
      const feature = known.find((each) => each.name === name);
      const pointer = `/definition/features/${index}`;
      if (feature) choose(feature, pointer);
      else errors.push(unknown('feature', name, pointer));
    });
    if (chosen.size > MAX_FEATURES) errors.push(tooMany());
    if (errors.length > 0) throw invalidSet(errors);
    const features: NamedFeature[] = [...chosen].map(([name, value]) => ({ name, value }));
    return {
      features,
      activeWithinDays: definition.activeWithinDays ?? null,
      asKnown: definition.asKnown,
      label: definition.label ?? null,
      lifecycle: settings.lifecycle,
      timeZone: project.timeZone,
    };
  }
}

function libraryOf(settings: FeatureSettings): CatalogueFeature[] {
  return FEATURE_FAMILIES.flatMap((family) =>
    family.features(settings).map((feature) => ({ ...feature, family: family.name })),
  );
}

function invalidSet(errors: FieldError[]): Problem {
  const [first] = errors;
  const detail = errors.length === 1 ? (first?.detail ?? '') : `${errors.length} fields are wrong.`;
  return new Problem(PROBLEMS.invalidRequest, detail, errors);
}

function unknown(what: 'family' | 'feature', name: string, pointer: string): FieldError {
  return {
    pointer,
    code: `unknown_${what}`,
    detail: `There is no ${what} ${name}: see the list of features.`,
  };
}

function needsSettings({ name, family }: CatalogueFeature, pointer: string): FieldError {
  const detail = `${name} needs ${family} in the settings of features: say there what it is first.`;
  return { pointer, code: 'needs_settings', detail };
}

function tooMany(): FieldError {
  return {
    pointer: '/definition/features',
    code: 'too_many_features',
    detail: `At most ${MAX_FEATURES} features, those of families included.`,
  };
}
