import { type Role, SETTINGS, type Settings } from './settings.js';

/** Bad configuration; the message names every wrong variable. */
export class ConfigError extends Error {}

/** The settings of this process: parsed once, frozen, injected. */
export class Config {
  private constructor(private readonly settings: Readonly<Settings>) {}

  /**
   * Parses environment variables; an empty variable counts as not set.
   * @throws ConfigError that names every variable that is wrong
   */
  static parse(env: Record<string, string | undefined>): Config {
    const given = Object.fromEntries(
      Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
    );
    const parsed = SETTINGS.safeParse(given);
    if (!parsed.success) {
      const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      throw new ConfigError(`The configuration is wrong: ${lines.join('; ')}.`);
    }
    return new Config(Object.freeze(parsed.data));
  }

  static fromEnvironment(): Config {
    return Config.parse(process.env);
  }

  get<K extends keyof Settings>(key: K): Settings[K] {
    return this.settings[key];
  }

  /** The same settings with some replaced, such as the URLs of engines that were just started. */
  with(changes: Partial<Settings>): Config {
    return new Config(Object.freeze({ ...this.settings, ...changes }));
  }

  hasRole(role: Role): boolean {
    return this.settings.ROLE.includes(role);
  }

  /** A process that answers no SDKs needs no thread of its own for the flow. */
  get hasIngestThread(): boolean {
    return this.settings.INGEST_THREAD === 'on' && this.hasRole('worker') && this.hasRole('collect');
  }

  /**
   * Whether the service is only being tried out on this machine: it listens on loopback, and its links lead to
   * localhost because no PUBLIC_URL is set.
   */
  get isTrial(): boolean {
    return (
      this.settings.PUBLIC_URL === undefined &&
      ['127.0.0.1', '::1', 'localhost'].includes(this.settings.HTTP_HOST)
    );
  }

  /** Private hosts that the service may call; on trial, servers on this machine by the name localhost. */
  get outboundAllowHosts(): readonly string[] {
    const hosts = this.settings.OUTBOUND_ALLOW_HOSTS;
    return this.isTrial ? ['localhost', ...hosts] : hosts;
  }

  /** Base of every address handed to the outside, without a slash at its end. */
  get publicUrl(): string {
    return (this.settings.PUBLIC_URL ?? `http://localhost:${this.settings.HTTP_PORT}`).replace(/\/+$/, '');
  }
}
