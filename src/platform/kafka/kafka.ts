import type { Producer } from '@platformatic/kafka';
import type { Config } from '../config/config.js';
import { KafkaFault, toKafkaFault } from './kafka-fault.js';

const CONNECT_TIMEOUT_MS = 5_000;
const TIMEOUT_MS = 15_000;

/** One record of a topic; records with the same key keep their order. */
export interface KafkaRecord {
  key: string;
  value: string;
  /** ms since 1970 */
  timeMs: number;
}

type TextProducer = Producer<string, string, string, string>;

/** Writes records to Kafka, where the installation has one. */
export class Kafka {
  private producer: Promise<TextProducer> | null = null;

  constructor(private readonly config: Config) {}

  get isConfigured(): boolean {
    return this.config.get('KAFKA_BROKERS').length > 0;
  }

  /** What every topic begins with that may be written to. */
  get topicPrefix(): string {
    return this.config.get('KAFKA_TOPIC_PREFIX');
  }

  /**
   * Resolves when every replica in sync has all the records. Topics are never created.
   * @throws KafkaFault some of the records may be in Kafka all the same
   */
  async write(topic: string, records: readonly KafkaRecord[]): Promise<void> {
    if (!this.isConfigured)
      throw new KafkaFault('not_configured', 'KAFKA_BROKERS is not set: name the brokers there.');
    this.producer ??= this.connect();
    try {
      const producer = await this.producer;
      await producer.send({
        messages: records.map(({ key, value, timeMs }) => ({ topic, key, value, timestamp: BigInt(timeMs) })),
      });
    } catch (error) {
      throw toKafkaFault(error, topic);
    }
  }

  async close(): Promise<void> {
    await (await this.producer)?.close();
  }

  private async connect(): Promise<TextProducer> {
    // Loaded only where there is a Kafka.
    const { ProduceAcks, Producer, stringSerializers } = await import('@platformatic/kafka');
    const { config } = this;
    const mechanism = config.get('KAFKA_SASL_MECHANISM');
    return new Producer({
      clientId: 'rekindle',
      bootstrapBrokers: config.get('KAFKA_BROKERS'),
      serializers: stringSerializers,
      acks: ProduceAcks.ALL,
      autocreateTopics: false,
      retries: 1,
      connectTimeout: CONNECT_TIMEOUT_MS,
      timeout: TIMEOUT_MS,
      ...(config.get('KAFKA_TLS') === 'on' ? { tls: {}, tlsServerName: true } : {}),
      ...(mechanism === undefined
        ? {}
        : {
            sasl: {
              mechanism,
              username: config.get('KAFKA_USERNAME') ?? '',
              password: config.get('KAFKA_PASSWORD') ?? '',
            },
          }),
    });
  }
}
