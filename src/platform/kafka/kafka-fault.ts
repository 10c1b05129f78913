/** Why records could not be written to Kafka. */
export const KAFKA_FAULTS = [
  'not_configured',
  'unknown_topic',
  'not_allowed',
  'refused',
  'unreachable',
] as const;
export type KafkaFaultReason = (typeof KAFKA_FAULTS)[number];

/** Records may or may not be in Kafka: write them again. The message says what to change. */
export class KafkaFault extends Error {
  constructor(
    readonly reason: KafkaFaultReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Names of Kafka's errors: https://kafka.apache.org/protocol#protocol_error_codes */
const NOT_ALLOWED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
]);
const REFUSED = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
  'POLICY_VIOLATION',
]);

/** What an error of the client says, of whatever depth. */
export function toKafkaFault(error: unknown, topic: string): KafkaFault {
  const causes = [...causesOf(error)];
  const names = causes.map(({ apiId }) => apiId).filter((name) => name !== undefined);
  const detail = causes.at(-1)?.message ?? String(error);
  const fault = (reason: KafkaFaultReason, message: string) =>
    new KafkaFault(reason, message, { cause: error });
  if (names.includes('UNKNOWN_TOPIC_OR_PARTITION'))
    return fault('unknown_topic', `The topic ${topic} is not in Kafka: create it, or set another one.`);
  if (
    names.some((name) => NOT_ALLOWED.has(name)) ||
    causes.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION')
  )
    return fault(
      'not_allowed',
      `Kafka does not let this service write to ${topic} (${detail}): check KAFKA_USERNAME, KAFKA_PASSWORD and the rights of that user.`,
    );
  if (names.some((name) => REFUSED.has(name)))
    return fault(
      'refused',
      `Kafka refuses what is written to ${topic} (${detail}): check the settings of the topic.`,
    );
  return fault('unreachable', `Kafka cannot be written to now (${detail}).`);
}

interface ClientError extends Error {
  code?: string;
  apiId?: string;
}

/** The error and all it is made of, outermost first. */
function* causesOf(error: unknown): Generator<ClientError> {
  if (!(error instanceof Error)) return;
  yield error;
  if (error instanceof AggregateError) for (const part of error.errors) yield* causesOf(part);
  yield* causesOf(error.cause);
}
