/** Every PostgreSQL migration, in order. A new one is a file and a line here. */
export const POSTGRES_MIGRATIONS = [] as const;
