import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What Node tells of the process and of its main thread. */
const processRegistry = new Registry();
const ownRegistry = new Registry();
collectDefaultMetrics({ register: processRegistry });

const registers = [ownRegistry];
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Every metric of the service; labels hold members of closed sets only. */
export const metrics = {
  collectRequests: new Counter({
    name: 'collect_requests_total',
    help: 'Requests of SDKs by source and answer (stored, refused, shed).',
    labelNames: ['source', 'answer'],
    registers,
  }),
  journalAppendSeconds: new Histogram({
    name: 'journal_append_seconds',
    help: 'From a request to its durable journal row.',
    buckets: SECONDS,
    registers,
  }),
  journalBacklogBytes: new Gauge({
    name: 'journal_backlog_bytes',
    help: 'Bytes in the journal that are not processed yet.',
    // Every thread looks at the same journal.
    aggregator: 'max',
    registers,
  }),
  flowStepSeconds: new Histogram({
    name: 'flow_step_seconds',
    help: 'Duration of one step over one batch.',
    labelNames: ['flow', 'step'],
    buckets: SECONDS,
    registers,
  }),
  flowOutcome: new Counter({
    name: 'flow_outcome_total',
    help: 'Items by the outcome of a step: ok, drop, dead, and the reason.',
    labelNames: ['flow', 'step', 'kind', 'reason'],
    registers,
  }),
  messages: new Counter({
    name: 'messages_total',
    help: 'Messages by channel, state reached and reason.',
    labelNames: ['channel', 'state', 'reason'],
    registers,
  }),
  triggerDecisions: new Counter({
    name: 'trigger_decisions_total',
    help: 'What triggers decided: fired, waiting, cancelled or not_fired, and the reason.',
    labelNames: ['outcome', 'reason'],
    registers,
  }),
  jobSeconds: new Histogram({
    name: 'job_seconds',
    help: 'Duration of jobs by name and result.',
    labelNames: ['job', 'result'],
    buckets: SECONDS,
    registers,
  }),
  segmentLiveSeconds: new Histogram({
    name: 'segment_live_seconds',
    help: 'Duration of one update of a live segment by kind: update (of users that changed), build (of everyone).',
    labelNames: ['kind'],
    buckets: SECONDS,
    registers,
  }),
  segmentLiveHealed: new Counter({
    name: 'segment_live_healed_total',
    help: 'Members of live segments that only a full computation put right; more than none is a fault.',
    registers,
  }),
  segmentStreamRecords: new Counter({
    name: 'segment_stream_records_total',
    help: 'Changes of membership written to Kafka.',
    registers,
  }),
  segmentStreamFailures: new Counter({
    name: 'segment_stream_failures_total',
    help: 'Attempts to write changes of membership to Kafka that failed, by reason; what failed is written again.',
    labelNames: ['reason'],
    registers,
  }),
  segmentStreamDropped: new Counter({
    name: 'segment_stream_dropped_total',
    help: 'Batches of changes that are never written to Kafka: no_topic (taken away while they waited), too_old.',
    labelNames: ['reason'],
    registers,
  }),
  linkVisits: new Counter({
    name: 'link_visits_total',
    help: 'Visits of short links by what the visitor got: redirect, bot (redirected, not counted), gone, unknown.',
    labelNames: ['result'],
    registers,
  }),
  outboundRequests: new Counter({
    name: 'outbound_requests_total',
    help: 'Requests of the service to other servers by purpose and result.',
    labelNames: ['purpose', 'result'],
    registers,
  }),
  adClicks: new Counter({
    name: 'ad_clicks_total',
    help: 'Requests to ad monitoring links by network and result (stored, unknown_code, disabled, expired).',
    labelNames: ['network', 'result'],
    registers,
  }),
  adConversions: new Counter({
    name: 'ad_conversions_total',
    help: 'Decided conversions by type and result: attributed, or why not.',
    labelNames: ['event_type', 'result'],
    registers,
  }),
  adCallbacks: new Counter({
    name: 'ad_callbacks_total',
    help: 'Tries of callbacks to ad networks by network and the state reached.',
    labelNames: ['network', 'state'],
    registers,
  }),
};

export const METRICS_CONTENT_TYPE = processRegistry.contentType;

/** The values of `metrics` as this thread counts them; they can be cloned. */
export function ownMetrics(): Promise<object[]> {
  return ownRegistry.getMetricsAsJSON();
}

/**
 * Everything in the text format of Prometheus.
 * @param otherThreads what each of them counts
 */
export async function renderMetrics(otherThreads: readonly object[][]): Promise<string> {
  const all = AggregatorRegistry.aggregate([await ownMetrics(), ...otherThreads]);
  return (await Promise.all([processRegistry.metrics(), all.metrics()])).join('\n');
}
