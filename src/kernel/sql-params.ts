/** What a bound value may be; times go as text, so that parameters can be stored and read as JSON. */
export type SqlValue = string | number | boolean | readonly string[] | readonly number[];

/** Collects the values of one ClickHouse query; the same value is bound once. */
export class SqlParams {
  private readonly names = new Map<string, string>();
  readonly values: Record<string, SqlValue> = {};

  /** @param prefix of the placeholders; two queries that become one need different ones */
  constructor(private readonly prefix = 'p') {}

  /**
   * Binds a value.
   * @param type ClickHouse type; `Identifier` for the name of a column
   * @returns its placeholder
   */
  bind(value: SqlValue, type: string): string {
    const key = `${type} ${JSON.stringify(value)}`;
    const name = this.names.get(key) ?? `${this.prefix}${this.names.size + 1}`;
    this.names.set(key, name);
    this.values[name] = value;
    return `{${name}:${type}}`;
  }

  /** @param atMs ms since 1970 */
  bindTime(atMs: number): string {
    return this.bind(new Date(atMs).toISOString().replace('T', ' ').replace('Z', ''), "DateTime64(3, 'UTC')");
  }
}
