import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { DecodedRecord, Envelope } from '../kernel/event.js';
import { enrichRecord, type RequestTraits } from './core/enrich/enrich-record.js';
import { MAX_USER_AGENT_LENGTH, readUserAgent, type UserAgentTraits } from './core/enrich/user-agent.js';
import { GeoLocations } from './geo-locations.js';

const CACHED_USER_AGENTS = 10_000;

/** Adds to the records of a request what it tells about its sender. What costs is done once per address and agent. */
@Injectable()
export class Enrichment {
  private readonly userAgents = new LRUCache<string, UserAgentTraits>({ max: CACHED_USER_AGENTS });

  constructor(private readonly locations: GeoLocations) {}

  /** Changes the records in place. */
  enrich(records: readonly DecodedRecord[], { ip, userAgent }: Envelope): void {
    let traits: UserAgentTraits | null = null;
    const request: RequestTraits = {
      ip,
      userAgent,
      locate: (address) => this.locations.find(address),
      readUserAgent: () => {
        traits ??= this.readUserAgent(userAgent);
        return traits;
      },
    };
    for (const record of records) enrichRecord(record, request);
  }

  private readUserAgent(userAgent: string): UserAgentTraits {
    const key = userAgent.slice(0, MAX_USER_AGENT_LENGTH);
    let traits = this.userAgents.get(key);
    if (!traits) {
      traits = readUserAgent(key);
      this.userAgents.set(key, traits);
    }
    return traits;
  }
}
