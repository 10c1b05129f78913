import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Admin, Consumer, stringDeserializers } from '@platformatic/kafka';
import { waitFor } from './rekindle.js';

const run = promisify(execFile);
const PASSWORD = 'invented-password';

/** A record as it is in a topic. */
export interface TopicRecord {
  key: string;
  value: string;
  partition: number;
}

/** The folder of Kafka's own jars, which `kafka/pom.xml` names; without one, the tests with a broker are skipped. */
export const kafkaLibs = process.env['TEST_KAFKA_LIBS'];

/** A real Kafka of one broker: open to tests, and by other ports only to who logs in, with TLS and without. */
export class KafkaBroker {
  readonly login = { username: 'rekindle', password: PASSWORD };
  private child: ChildProcess | null = null;
  private output = '';
  private groups = 0;

  private constructor(
    private readonly dir: string,
    private readonly ports: { open: number; login: number; tls: number; controller: number },
  ) {}

  static async start(): Promise<KafkaBroker> {
    const dir = await mkdtemp(join(tmpdir(), 'rekindle-kafka-'));
    const [open = 0, login = 0, tls = 0, controller = 0] = await freePorts(4);
    const broker = new KafkaBroker(dir, { open, login, tls, controller });
    await broker.format();
    await broker.launch();
    return broker;
  }

  /** Asks for a login. */
  get withLogin(): string {
    return `localhost:${this.ports.login}`;
  }

  /** The same by TLS. */
  get withTls(): string {
    return `localhost:${this.ports.tls}`;
  }

  /** The certificate of the broker, which nobody else signed. */
  get caFile(): string {
    return join(this.dir, 'ca.pem');
  }

  async launch(): Promise<void> {
    const child = spawn(
      'java',
      ['-Xmx256m', '-cp', `${kafkaLibs}/*`, 'kafka.Kafka', this.file('properties')],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (this.output = (this.output + bytes.toString()).slice(-10_000)));
    await waitFor(async () => {
      if (child.exitCode !== null) throw new Error(`Kafka ended:\n${this.output}`);
      return isOpen(this.ports.open);
    });
  }

  /** kill -9; `launch` starts it again on what it has written. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }

  async createTopic(topic: string, partitions = 3): Promise<void> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: this.bootstrap() });
    try {
      await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
    } finally {
      await admin.close();
    }
  }

  /** All records of a topic, those of one partition in order. */
  async read(topic: string): Promise<TopicRecord[]> {
    const consumer = new Consumer({
      groupId: `test-${process.pid}-${this.groups++}`,
      clientId: 'test',
      bootstrapBrokers: this.bootstrap(),
      deserializers: stringDeserializers,
    });
    try {
      const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic) ?? [];
      const count = ends.reduce((sum, end) => sum + Number(end), 0);
      const records: TopicRecord[] = [];
      if (count === 0) return records;
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
      for await (const { key, value, partition } of stream) {
        records.push({ key, value, partition });
        if (records.length === count) break;
      }
      return records;
    } finally {
      await new Promise<void>((resolve, reject) => {
        consumer.close(true, (error) => (error ? reject(error) : resolve()));
      });
    }
  }

  private bootstrap(): string[] {
    return [`localhost:${this.ports.open}`];
  }

  private file(name: string): string {
    return join(this.dir, name);
  }

  private async format(): Promise<void> {
    const { open, login, tls, controller } = this.ports;
    const store = this.file('keys.p12');
    const key = ['-alias', 'broker', '-keystore', store, '-storepass', PASSWORD];
    const names = ['-dname', 'CN=localhost', '-ext', 'san=dns:localhost'];
    await run('keytool', [
      '-genkeypair',
      ...key,
      ...names,
      '-keyalg',
      'EC',
      '-storetype',
      'PKCS12',
      '-validity',
      '30',
    ]);
    await run('keytool', ['-exportcert', '-rfc', ...key, '-file', this.caFile]);
    const module = (name: string, users = '') =>
      `org.apache.kafka.common.security.${name}LoginModule required${users};`;
    const logins = (listener: string) => [
      [
        `listener.name.${listener}.plain.sasl.jaas.config`,
        module('plain.Plain', ` user_rekindle="${PASSWORD}"`),
      ],
      [`listener.name.${listener}.scram-sha-256.sasl.jaas.config`, module('scram.Scram')],
      [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`, module('scram.Scram')],
    ];
    await writeFile(
      this.file('properties'),
      Object.entries({
        'process.roles': 'broker,controller',
        'node.id': 1,
        'controller.quorum.voters': `1@localhost:${controller}`,
        listeners: `OPEN://localhost:${open},LOGIN://localhost:${login},TLS://localhost:${tls},CONTROLLER://localhost:${controller}`,
        'listener.security.protocol.map':
          'OPEN:PLAINTEXT,LOGIN:SASL_PLAINTEXT,TLS:SASL_SSL,CONTROLLER:PLAINTEXT',
        'controller.listener.names': 'CONTROLLER',
        'inter.broker.listener.name': 'OPEN',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
        ...Object.fromEntries(['login', 'tls'].flatMap(logins)),
        'ssl.keystore.location': store,
        'ssl.keystore.password': PASSWORD,
        'log.dirs': this.file('log'),
        'auto.create.topics.enable': false,
        'offsets.topic.replication.factor': 1,
        'offsets.topic.num.partitions': 1,
        'group.initial.rebalance.delay.ms': 0,
      })
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=rekindle,password=${PASSWORD}]`,
    ]);
    const format = ['format', '-t', 'AAAAAAAAAAAAAAAAAAAAAA', '-c', this.file('properties'), ...scram];
    await run('java', ['-cp', `${kafkaLibs}/*`, 'kafka.tools.StorageTool', ...format]);
  }
}

/** Different ones, since all are held until each is known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, 'localhost', done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: 'localhost' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
