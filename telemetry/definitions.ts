/** A metric of this service. The names follow Prometheus: base units, and `_total` for counters. */
export interface MetricDefinition {
  kind: 'gauge' | 'counter' | 'histogram';
  help: string;
  labels: readonly string[];
  /** `both`: the state that both read from MongoDB. */
  of: 'worker' | 'web' | 'both';
}

/**
 * All metrics of this service, by name. docs/metrics.md has the same table. Labels are bounded: names of instances, routes, and
 * codes of ours; never a record. The label is `kipu_instance`, because Prometheus itself sets `instance` on every target.
 */
export const metricDefinitions = {
  kipu_referrals_database_up: gauge('1 if MongoDB answered the last check, else 0'),
  kipu_referrals_temporal_up: gauge('1 if Temporal answered the last check, else 0'),
  kipu_referrals_instance_fresh: gauge('1 if the instance is up to date as /health/freshness says, else 0', [
    'kipu_instance',
  ]),
  kipu_referrals_instance_paused: gauge('1 if the KIPU connection is paused, else 0', ['kipu_instance']),
  kipu_referrals_seconds_since_completed_run: gauge(
    'Seconds since the start of the last completed run; absent before the first',
    ['kipu_instance'],
  ),
  kipu_referrals_failed_runs_in_a_row: gauge('Runs that ended and did not complete, since the last one that did', [
    'kipu_instance',
  ]),
  kipu_referrals_last_run_fault: gauge('1 for the fault of the last ended run, if it has one', [
    'kipu_instance',
    'code',
  ]),
  kipu_referrals_last_run_charts: gauge(
    'Charts of the last ended run: listed, due, and of those saved, unchanged, held, notReady, ignored, failed; refused rows',
    ['kipu_instance', 'outcome'],
  ),
  kipu_referrals_run_warning: gauge('1 for each warning of the last runs', ['kipu_instance', 'code']),
  kipu_referrals_open_condition: gauge('1 for each condition that people were notified of and that is not over', [
    'kipu_instance',
    'kind',
  ]),
  kipu_referrals_records: gauge('Records by status', ['kipu_instance', 'status']),
  kipu_referrals_owed_records: gauge('Records that are owed a pull', ['kipu_instance']),
  kipu_referrals_held_records_older: gauge('Records that have been held for more than so many days', [
    'kipu_instance',
    'days',
  ]),
  kipu_referrals_oldest_hold_age_seconds: gauge('Age of the oldest hold; 0 without one', ['kipu_instance']),
  kipu_referrals_webhook_locations: gauge('Locations at which a webhook has this health', [
    'kipu_instance',
    'webhook',
    'health',
  ]),
  kipu_referrals_last_delivery_age_seconds: gauge('Age of the last delivery of a webhook; absent before the first', [
    'kipu_instance',
    'webhook',
  ]),
  kipu_referrals_receiver_last_up_age_seconds: gauge(
    'Seconds since a receiver of webhooks was last up; absent before the first',
  ),
  kipu_referrals_waiting_deliveries: gauge('Webhook deliveries that are stored and not yet dispatched', [
    'kipu_instance',
  ]),
  kipu_referrals_oldest_waiting_delivery_age_seconds: gauge(
    'Age of the oldest delivery that waits; 0 without one, and while the connection is paused',
    ['kipu_instance'],
  ),
  kipu_referrals_audit_head_sequence: gauge('Number of the last entry of the audit'),
  kipu_referrals_audit_head_age_seconds: gauge('Age of the last entry of the audit'),
  kipu_referrals_audit_intact: gauge(
    '1 if the last check of the audit found it intact, else 0; absent before the first',
  ),
  kipu_referrals_audit_check_age_seconds: gauge('Age of the last check of the audit; absent before the first'),
  kipu_referrals_kipu_request_duration_seconds: {
    kind: 'histogram',
    help: 'Time of the calls to KIPU, from sending to the end of the response',
    labels: ['kipu_instance', 'route'],
    of: 'worker',
  },
  kipu_referrals_kipu_failures_total: {
    kind: 'counter',
    help: 'Calls to KIPU that failed, by fault code',
    labels: ['kipu_instance', 'code'],
    of: 'worker',
  },
  kipu_referrals_activity_faults_total: {
    kind: 'counter',
    help: 'Attempts of activities that failed, by fault code',
    labels: ['code'],
    of: 'worker',
  },
  kipu_referrals_webhooks_received_total: {
    kind: 'counter',
    help: 'Requests at the addresses of webhooks, by the status of the answer',
    labels: ['kipu_instance', 'webhook', 'status'],
    of: 'web',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metricDefinitions;

/** The upper bounds of the buckets of KIPU's latency, in seconds; a call takes at most 100. */
export const LATENCY_BUCKETS: readonly number[] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 100];

function gauge<const Labels extends readonly string[] = []>(help: string, labels?: Labels) {
  return { kind: 'gauge', help, labels: labels ?? [], of: 'both' } as const;
}
