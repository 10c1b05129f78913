import fc from 'fast-check';
import type { DecodedRecord, RecordType } from '../../src/kernel/event.js';

const LOGIN = '$identity_login_id';
const ANONYMOUS = '$identity_anonymous_id';
const MEMBER = 'member_no';
const EMAIL = '$identity_email';
/** Keys of which a user has one value at most, in these histories. */
export const UNIQUE_KEYS: readonly string[] = [LOGIN, MEMBER];

/** What a record of a history says, before it has a project and an id. */
export interface Step {
  type: RecordType;
  identities: Record<string, string>;
  originalId: string | null;
  loginKey?: string;
}

const step = (type: RecordType, identities: Record<string, string>, more: Partial<Step> = {}): Step => ({
  type,
  identities,
  originalId: null,
  ...more,
});

const user = fc.constantFrom('u1', 'u2', 'u3');
const member = fc.constantFrom('m1', 'm2');
const device = fc.constantFrom('d1', 'd2', 'd3', 'd4');
const email = fc.constantFrom('e1', 'e2');

/** Few identities and every kind of record, so that claims meet. */
const STEP: fc.Arbitrary<Step> = fc.oneof(
  device.map((d) => step('track', { [ANONYMOUS]: d })),
  fc.tuple(user, device).map(([u, d]) => step('track', { [LOGIN]: u, [ANONYMOUS]: d })),
  user.map((u) => step('track', { [LOGIN]: u, [ANONYMOUS]: u })),
  email.map((e) => step('track', { [EMAIL]: e })),
  fc.tuple(user, device).map(([u, d]) => step('identify', { [LOGIN]: u, [ANONYMOUS]: u }, { originalId: d })),
  fc
    .tuple(member, device)
    .map(([m, d]) => step('identify', { [ANONYMOUS]: d, [MEMBER]: m }, { loginKey: MEMBER })),
  fc.tuple(user, email).map(([u, e]) => step('identify', { [EMAIL]: e, [LOGIN]: u })),
  fc.tuple(user, member).map(([u, m]) => step('identify', { [LOGIN]: u, [MEMBER]: m })),
  fc.tuple(device, email).map(([d, e]) => step('identify', { [ANONYMOUS]: d, [EMAIL]: e })),
  fc.tuple(device, device).map(([a, b]) => step('identify', { [ANONYMOUS]: a, $identity_idfv: b })),
  email.map((e) => step('unbind', { [EMAIL]: e })),
  user.map((u) => step('unbind', { [LOGIN]: u })),
  device.map((d) => step('unbind', { [ANONYMOUS]: d })),
);

/** Batches of records, in order. */
export const HISTORY = fc.array(fc.array(STEP, { minLength: 1, maxLength: 6 }), {
  minLength: 1,
  maxLength: 8,
});

export function toRecord(of: Step, projectId: number, eventId: string): DecodedRecord {
  return {
    ...of,
    eventId,
    projectId,
    event: of.type === 'identify' ? '$SignUp' : 'View',
    distinctId: '',
    time: 1,
    clientTime: 1,
    receivedAt: 1,
    source: 'test',
    properties: {},
  };
}

interface NaivePerson {
  /** Identities as `key value`. */
  identities: Set<string>;
  events: Set<string>;
}

/** One record at a time over plain sets, everything looked through each time: slow, and plain to read. */
export class NaiveIdentities {
  private persons: NaivePerson[] = [];

  take({ eventId, ...record }: Step & { eventId: string }): void {
    const names = namesOf(record);
    if (record.type === 'unbind') this.unbind(names);
    else this.pickPerson(record, names).events.add(eventId);
  }

  /** The event ids of each person who has any. */
  groups(): string[][] {
    return this.persons.map(({ events }) => [...events].sort()).filter(({ length }) => length > 0);
  }

  /** The identities of each person who has any. */
  identities(): string[][] {
    return this.persons.map(({ identities }) => [...identities].sort()).filter(({ length }) => length > 0);
  }

  private pickPerson({ type }: Step, names: readonly string[]): NaivePerson {
    const joins = type === 'identify';
    const login = names.find(isLogin);
    const owners = names.flatMap((name) => this.owner(name) ?? []);
    let person: NaivePerson | undefined;
    if (login !== undefined) {
      person = this.owner(login);
      if (joins) person ??= owners.find((owner) => mayJoin(owner, names) && !has(owner, keyIn(login)));
    } else {
      person = (joins ? owners.find((owner) => logins(owner).length > 0) : undefined) ?? owners[0];
    }
    if (!person) {
      person = { identities: new Set(), events: new Set() };
      this.persons.push(person);
    }
    for (const name of names) this.claim(person, name, { names, joins });
    return person;
  }

  private claim(person: NaivePerson, name: string, by: { names: readonly string[]; joins: boolean }): void {
    const owner = this.owner(name);
    if (!owner) {
      if (!isLogin(name) || !has(person, keyIn(name))) person.identities.add(name);
      return;
    }
    if (owner === person || !by.joins || !mayJoin(owner, by.names)) return;
    if (logins(owner).some((login) => has(person, keyIn(login)))) return;
    for (const identity of owner.identities) person.identities.add(identity);
    for (const event of owner.events) person.events.add(event);
    this.persons = this.persons.filter((other) => other !== owner);
  }

  private unbind(names: readonly string[]): void {
    const [name] = names;
    const owner = name === undefined ? undefined : this.owner(name);
    if (name === undefined || !owner || keyIn(name) === ANONYMOUS) return;
    owner.identities.delete(name);
    if (isLogin(name)) owner.identities.delete(`${ANONYMOUS} ${valueIn(name)}`);
  }

  private owner(name: string): NaivePerson | undefined {
    return this.persons.find(({ identities }) => identities.has(name));
  }
}

/** The identities of a record, the one under which its user signed in first. */
function namesOf({ identities, originalId, loginKey }: Step): string[] {
  const names = Object.entries(identities).map(([key, value]) => `${key} ${value}`);
  if (originalId !== null) names.push(`${ANONYMOUS} ${originalId}`);
  const first = names.find((name) => keyIn(name) === (loginKey ?? LOGIN));
  return first === undefined ? names : [first, ...names.filter((name) => name !== first)];
}

function mayJoin(owner: NaivePerson, names: readonly string[]): boolean {
  return logins(owner).length === 0 || logins(owner).some((login) => names.includes(login));
}

const keyIn = (name: string) => name.slice(0, name.indexOf(' '));
const valueIn = (name: string) => name.slice(name.indexOf(' ') + 1);
const isLogin = (name: string) => UNIQUE_KEYS.includes(keyIn(name));
const logins = ({ identities }: NaivePerson) => [...identities].filter(isLogin);
const has = ({ identities }: NaivePerson, key: string) => [...identities].some((name) => keyIn(name) === key);
