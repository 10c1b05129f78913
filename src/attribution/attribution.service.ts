import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Effect } from '../kernel/effects.js';
import { SYSTEM_EVENTS, type TrackedRecord } from '../kernel/event.js';
import { newId, type ProjectId } from '../kernel/ids.js';
import { Lazy } from '../kernel/lazy.js';
import { Clock } from '../platform/clock/clock.js';
import { metrics } from '../platform/metrics/metrics.js';
import { CallbackService } from './callback.service.js';
import type { Attribution } from './contract.js';
import { type AdEventMapping, type AdEventType, DEFAULT_AD_EVENT_MAPPING } from './core/ad-event.js';
import { type Decision, decideConversions, isOpen } from './core/decide-conversions.js';
import { type KnownConversion, KnownConversions } from './core/known-conversions.js';
import { DEFAULT_MATCH_POLICY } from './core/match-attribution.js';
import { type ArrivalRecord, pickArrivals } from './core/pick-arrivals.js';
import { type Arrival, readArrival } from './core/read-arrival.js';
import { AdClickRepository } from './data/ad-click.repository.js';
import { AdConversionRepository, type NewConversion } from './data/ad-conversion.repository.js';
import { AdSettingRepository } from './data/ad-setting.repository.js';
import { AD_NETWORKS, findAdNetwork } from './networks/index.js';

/** What is remembered of a decided conversion, so that later events of the user cost nothing. */
interface Remembered {
  isAttributed: boolean;
  /** The event that decided it: should it come again, its effects are made again. */
  eventId: string;
}

/** About 30 MB. */
const REMEMBERED_USERS = 200_000;
const CLICK_ID_NAMES = AD_NETWORKS.flatMap(({ clickIdNames }) => clickIdNames);

@Injectable()
export class AttributionService implements Attribution {
  private readonly remembered = new Lazy(() => new LRUCache<string, Remembered>({ max: REMEMBERED_USERS }));
  private readonly activeProjects = new Set<ProjectId>();

  constructor(
    private readonly clicks: AdClickRepository,
    private readonly conversions: AdConversionRepository,
    private readonly settings: AdSettingRepository,
    private readonly callbacks: CallbackService,
    private readonly clock: Clock,
  ) {}

  async matchArrivals(records: readonly TrackedRecord[]): Promise<Effect[]> {
    const projectIds = await this.findActiveProjects(records);
    if (projectIds.size === 0) return [];
    const arrivals = await this.readArrivals(records.filter(({ projectId }) => projectIds.has(projectId)));
    if (arrivals.length === 0) return [];
    const stored = await this.conversions.findKnown(arrivals);
    const known = new KnownConversions(stored);
    const decided = await this.decide(arrivals, known);
    const saved = await this.save(decided);
    this.remember(arrivals, known, saved);
    const repeated = stored.filter((one) => arrivals.some((arrival) => isSameEvent(arrival, one)));
    return [...repeated, ...saved.map(toKnown)].flatMap(toEffects);
  }

  /** Projects without a single ad click cost one small query per batch and nothing more. */
  private async findActiveProjects(records: readonly TrackedRecord[]): Promise<Set<ProjectId>> {
    const named = [...new Set(records.map(({ projectId }) => projectId))];
    const unsure = named.filter((projectId) => !this.activeProjects.has(projectId));
    if (unsure.length > 0) {
      for (const projectId of await this.clicks.projectsWithClicks(unsure))
        this.activeProjects.add(projectId);
    }
    return new Set(named.filter((projectId) => this.activeProjects.has(projectId)));
  }

  private async readArrivals(records: readonly TrackedRecord[]): Promise<Arrival[]> {
    const mappings = await this.settings.eventMappings([
      ...new Set(records.map(({ projectId }) => projectId)),
    ]);
    const mappingOf = (projectId: ProjectId): AdEventMapping =>
      mappings.get(projectId) ?? DEFAULT_AD_EVENT_MAPPING;
    return pickArrivals(records, mappingOf)
      .filter((arrival) => this.mayBeOpen(arrival))
      .map(({ record, eventType }) =>
        readArrival(record, eventType, {
          mapping: mappingOf(record.projectId),
          clickIdNames: CLICK_ID_NAMES,
        }),
      );
  }

  private mayBeOpen({ record, eventType }: ArrivalRecord): boolean {
    const before = this.remembered.value.get(memoryKey(record, eventType)) ?? null;
    return before?.eventId === record.eventId || isOpen({ eventType, event: record.event }, before);
  }

  private async decide(arrivals: readonly Arrival[], known: KnownConversions): Promise<Decision[]> {
    const open = arrivals.filter((arrival) => {
      const before = known.find(arrival, arrival.eventType);
      return isOpen(arrival, before && { isAttributed: before.click !== null });
    });
    if (open.length === 0) return [];
    const candidates = await this.clicks.findCandidates(open, DEFAULT_MATCH_POLICY.clockToleranceMs);
    return decideConversions(open, known, {
      clicksOf: (arrival) => candidates.get(arrival) ?? [],
      policy: DEFAULT_MATCH_POLICY,
      now: this.clock.now(),
    });
  }

  /** @returns those that this process decided */
  private async save(decisions: readonly Decision[]): Promise<NewConversion[]> {
    if (decisions.length === 0) return [];
    const now = this.clock.now();
    const isTold = await this.findTold(decisions);
    const conversions = decisions.map((decision) => ({
      ...decision,
      id: decision.replaces ?? newId('conversion', now),
      callbackId: isTold(decision) ? newId('callback', now) : null,
    }));
    const savedIds = await this.conversions.save(conversions, new Date(now));
    const saved = conversions.filter(({ id }) => savedIds.has(id));
    for (const { arrival, result } of saved) {
      const outcome = result.kind === 'attributed' ? 'attributed' : result.reason;
      metrics.adConversions.inc({ event_type: arrival.eventType, result: outcome });
    }
    await this.callbacks.enqueue(saved.flatMap(({ callbackId }) => callbackId ?? []));
    return saved;
  }

  /** Which of the decisions the projects want their networks to be told. */
  private async findTold(decisions: readonly Decision[]): Promise<(decision: Decision) => boolean> {
    const settings = new Map<string, object>();
    for (const { arrival, result } of decisions) {
      if (result.kind !== 'attributed') continue;
      const key = `${arrival.projectId}.${result.click.network}`;
      if (settings.has(key)) continue;
      settings.set(key, await this.settings.networkSettings(arrival.projectId, result.click.network));
    }
    return ({ arrival, result }) => {
      if (result.kind !== 'attributed') return false;
      const kept = settings.get(`${arrival.projectId}.${result.click.network}`) ?? {};
      return findAdNetwork(result.click.network)?.reports(arrival.eventType, kept) ?? false;
    };
  }

  /** Remembers only what is in the tables: what another process took first is looked up again. */
  private remember(
    arrivals: readonly Arrival[],
    known: KnownConversions,
    saved: readonly NewConversion[],
  ): void {
    const savedArrivals = new Set(saved.map(({ arrival }) => arrival));
    for (const arrival of arrivals) {
      const one = known.find(arrival, arrival.eventType);
      // Decided in this batch, and yet not saved: no conversion id.
      if (one === null || (one.conversionId === '' && !savedArrivals.has(arrival))) continue;
      this.remembered.value.set(memoryKey(arrival, arrival.eventType), {
        isAttributed: one.click !== null,
        eventId: one.eventId,
      });
    }
  }
}

function memoryKey(user: { projectId: ProjectId; userId: number }, eventType: AdEventType): string {
  return `${user.projectId}.${user.userId}.${eventType}`;
}

function isSameEvent(arrival: Arrival, one: KnownConversion): boolean {
  return (
    one.projectId === arrival.projectId &&
    one.eventType === arrival.eventType &&
    one.eventId === arrival.eventId
  );
}

function toKnown({ id, arrival, result }: NewConversion): KnownConversion {
  return {
    conversionId: id,
    projectId: arrival.projectId,
    userId: arrival.userId,
    distinctId: arrival.distinctId,
    eventType: arrival.eventType,
    eventId: arrival.eventId,
    occurredAt: arrival.occurredAt,
    matchedBy: result.kind === 'attributed' ? result.matchedBy : null,
    click: result.kind === 'attributed' ? result.click : null,
  };
}

function toEffects(conversion: KnownConversion): Effect[] {
  if (conversion.click === null) return [];
  const { click } = conversion;
  return [
    {
      kind: 'record_event',
      projectId: conversion.projectId,
      userId: conversion.userId,
      event: SYSTEM_EVENTS.attributed,
      time: conversion.occurredAt,
      dedupeKey: conversion.conversionId,
      properties: {
        event_type: conversion.eventType,
        matched_by: conversion.matchedBy,
        network: click.network,
        ad_link_id: click.adLinkId,
        ad_click_id: click.clickId,
        ...(click.campaignId === null ? {} : { campaign_id: click.campaignId }),
        ...(click.adGroupId === null ? {} : { ad_group_id: click.adGroupId }),
        ...(click.creativeId === null ? {} : { creative_id: click.creativeId }),
      },
    },
  ];
}
