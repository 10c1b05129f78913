import { Config } from './config.js';

describe('The settings of Kafka', () => {
  it('name its brokers', () => {
    const config = Config.parse({ KAFKA_BROKERS: 'kafka-1:9092, [fd00::1]:9092' });
    expect(config.get('KAFKA_BROKERS')).toEqual(['kafka-1:9092', '[fd00::1]:9092']);
    expect(Config.parse({}).get('KAFKA_BROKERS')).toEqual([]);
  });

  it.each(['kafka-1', 'kafka://kafka-1:9092', 'kafka-1:port'])('refuse the broker %s', (broker) => {
    expect(() => Config.parse({ KAFKA_BROKERS: broker })).toThrow(/KAFKA_BROKERS.*host:port/);
  });

  it('ask for a whole login or none', () => {
    const login = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'p' };
    expect(Config.parse(login).get('KAFKA_USERNAME')).toBe('u');
    for (const left of Object.keys(login))
      expect(() => Config.parse({ ...login, [left]: '' })).toThrow(/KAFKA_SASL_MECHANISM: set it with/);
  });
});
