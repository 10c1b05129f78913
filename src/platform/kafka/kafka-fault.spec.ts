import { GenericError, MultipleErrors, NetworkError, ResponseError } from '@platformatic/kafka';
import { toKafkaFault } from './kafka-fault.js';

/** As the client reports what a broker answers: Kafka's error code, below its own errors. */
function answered(code: number): Error {
  return new MultipleErrors('produce failed 2 times.', [
    new ResponseError(0, 9, { '/responses/0': code }, {}),
    new ResponseError(0, 9, { '/responses/0': code }, {}),
  ]);
}

describe('What a failed write to Kafka says', () => {
  it.each([
    ['unknown_topic', answered(3), /rekindle\.t is not in Kafka: create it/],
    ['not_allowed', answered(29), /rights of that user/],
    ['not_allowed', new GenericError('PLT_KFK_AUTHENTICATION', 'no'), /KAFKA_PASSWORD/],
    ['refused', answered(10), /settings of the topic/],
    ['unreachable', answered(19), /cannot be written to now/],
    ['unreachable', new NetworkError('Connection closed'), /Connection closed/],
    ['unreachable', 'odd', /odd/],
  ])('is %s', (reason, error, message) => {
    expect(toKafkaFault(error, 'rekindle.t')).toMatchObject({
      reason,
      message: expect.stringMatching(message),
    });
  });
});
