/** Some users, asked about alone. All parts are SQL that the code wrote, never from outside. */
export interface LookedAt {
  /** Query for every number of theirs, also those of users merged into them; of some only, where a query gives these. */
  users: (persons?: string) => string;
  /** Query for the numbers that they have now. */
  persons: string;
  /** Expression for the number that the user of a row of events has now. */
  person: string;
}
