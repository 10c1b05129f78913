import type { ClaimRefusal } from '../../kernel/reasons.js';

export const LOGIN_KEY = '$identity_login_id';
/** Key of a distinct id that an SDK without IDM 3 uses before login. */
export const ANONYMOUS_KEY = '$identity_anonymous_id';
/** Of a distinct id where the anonymous key of its record holds another value. */
const OTHER_DISTINCT_ID_KEY = '$identity_distinct_id';

/** Plain copies of a distinct id: where the id is a login, they leave with it. */
export const DISTINCT_ID_KEYS = [ANONYMOUS_KEY, OTHER_DISTINCT_ID_KEY] as const;

/**
 * Keys that name a device and no person: no SDK unbinds them, and none is a login.
 * Source: SensorsData IDM 3, keys refused by `bind` and `unbind` of the Web, Android and iOS SDKs.
 */
export const DEVICE_KEYS: ReadonlySet<string> = new Set([
  ...DISTINCT_ID_KEYS,
  '$identity_cookie_id',
  '$identity_android_id',
  '$identity_android_uuid',
  '$identity_idfv',
  '$identity_ios_uuid',
  '$identity_mac_serial_id',
  '$identity_mac_uuid',
  '$identity_mp_id',
]);

/** What a project says about its identities. */
export interface IdentityRules {
  /** Keys of which a user has one value at most, as of a login. */
  uniqueKeys: readonly string[];
  /** Keys that join nobody, such as the id of a device that many share. */
  separateKeys: readonly string[];
  /** Values that join nobody under any key, without regard to case. */
  blockedValues: readonly string[];
  /** A value that so many further users claimed in vain joins nobody any more. */
  claimsPerValue: number;
  /** So many users can be merged into one, counting those merged into them before. */
  mergesPerUser: number;
}

export const DEFAULT_RULES: IdentityRules = {
  uniqueKeys: [LOGIN_KEY],
  separateKeys: [],
  blockedValues: [
    'null',
    '(null)',
    'undefined',
    'unknown',
    'none',
    'nil',
    'nan',
    'false',
    'true',
    '-1',
    '[object Object]',
    // What Android answers instead of a hardware address, and the android_id of a faulty series.
    '02:00:00:00:00:00',
    '9774d56d682e549c',
  ],
  claimsPerValue: 5,
  mergesPerUser: 500,
};

/** `0`, `0000-0000`, `00:00:00`: an id that a device could not read. */
const ALL_ZEROS = /^[0:.-]*0[0:.-]*$/;

/** The rules of a project, ready to be asked about each identity. */
export class RuleBook {
  readonly mergesPerUser: number;
  readonly uniqueKeys: ReadonlySet<string>;
  private readonly separateKeys: ReadonlySet<string>;
  private readonly blockedValues: ReadonlySet<string>;

  /** @param loginKeys keys of their own under which users of the project signed in */
  constructor(
    private readonly rules: IdentityRules,
    loginKeys: readonly string[],
  ) {
    this.mergesPerUser = rules.mergesPerUser;
    this.uniqueKeys = new Set([LOGIN_KEY, ...rules.uniqueKeys, ...loginKeys]);
    this.separateKeys = new Set(rules.separateKeys);
    this.blockedValues = new Set(rules.blockedValues.map((value) => value.toLowerCase()));
  }

  isUnique(key: string): boolean {
    return this.uniqueKeys.has(key);
  }

  /**
   * Why an identity may join nobody; null: it may.
   * @param claims how many users claimed it in vain
   */
  whyApart({ key, value }: { key: string; value: string }, claims: number): ClaimRefusal | null {
    if (this.separateKeys.has(key)) return 'key_never_joins';
    if (this.blockedValues.has(value.toLowerCase()) || ALL_ZEROS.test(value)) return 'blocked_value';
    return claims >= this.rules.claimsPerValue ? 'shared_value' : null;
  }
}
