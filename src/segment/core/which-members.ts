/** Whom a list of a run is about: its members, or what changed since the run before it. */
export const WHICH_MEMBERS = ['members', 'entered', 'exited'] as const;
export type WhichMembers = (typeof WHICH_MEMBERS)[number];
