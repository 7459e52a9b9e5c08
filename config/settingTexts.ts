/**
 * What each setting means, for the page of the settings. `shown` is how much of the value is shown: a secret never is, of an
 * address with a password or a path that is a secret only the host.
 */
export interface SettingText {
  text: string;
  shown?: 'secret' | 'host';
}

/** All settings of this service and of its connection to Temporal, by group. */
export const settingTexts: Readonly<Record<string, Readonly<Record<string, SettingText>>>> = {
  KIPU: {
    KIPU_INSTANCES_FILE: { text: 'The path of a JSON file with one entry for each instance' },
    KIPU_ACCESS_ID: { text: 'Without the file: the access id of a single instance', shown: 'secret' },
    KIPU_SECRET_KEY: { text: 'Its secret key', shown: 'secret' },
    KIPU_SECRET_KEY_FILE: { text: 'Or the path of a file with the secret key' },
    KIPU_APP_ID: { text: 'Its app id (recipient)', shown: 'secret' },
    KIPU_INSTANCE_NAME: { text: 'Our name for it: lower-case letters, digits and dashes' },
    KIPU_BASE_URL: { text: 'Where its API is' },
    KIPU_DIGEST: { text: 'sha256 or sha1, as KIPU set up the credentials' },
    KIPU_LOCK_POLICY: { text: 'webhook-missing, always or never' },
    KIPU_TIME_ZONE: { text: 'IANA name of the time zone of its facilities' },
    KIPU_CHART_URL: { text: 'The address of a chart in KIPU, with {casefileNumber}: records then link to it' },
    KIPU_WEBHOOK_SECRETS: { text: 'One secret of its webhooks, or two with a comma between', shown: 'secret' },
    KIPU_CALLS_PER_SECOND: { text: 'Calls to each instance, over all workers (1 to 1000)' },
    KIPU_TIMEOUT_SECONDS: { text: 'The longest that one call may take (1 to 100)' },
  },
  'Temporal and MongoDB': {
    MONGODB_URI: { text: 'Without it MongoDB is started locally', shown: 'host' },
    MONGODB_URI_FILE: { text: 'Or the path of a file with it' },
    MONGODB_DATABASE: { text: 'The name of the database' },
    MONGODB_INSECURE: {
      text: 'yes allows a database on another machine without TLS, or with an unchecked certificate',
    },
    ALLOW_LOCAL_STORE: { text: 'yes allows the data of a real KIPU in the local MongoDB and Temporal' },
    CONNECTIONS_KEY: {
      text: 'The key that encrypts the secrets of stored KIPU connections, 32 bytes as base64',
      shown: 'secret',
    },
    CONNECTIONS_KEY_FILE: {
      text: 'Or the path of a file with keys: the first encrypts, the others decrypt what earlier ones encrypted',
    },
    AUDIT_KEY: {
      text: 'The key that authenticates the audit, at least 32 characters; each process needs the same one',
      shown: 'secret',
    },
    AUDIT_KEY_FILE: {
      text: 'Or the path of a file with keys: the first is for new entries, the others check earlier ones',
    },
    TEMPORAL_ADDRESS: {
      text: 'host:port; without it (and without a profile that has one) Temporal is started locally',
    },
    TEMPORAL_NAMESPACE: { text: 'The namespace in Temporal' },
    TEMPORAL_API_KEY: { text: 'An API key; it turns TLS on', shown: 'secret' },
    TEMPORAL_TLS: { text: 'true or false' },
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: { text: 'The CA of the server: a PEM file, or its text' },
    TEMPORAL_TLS_SERVER_CA_CERT_DATA: { text: 'The CA of the server: a PEM file, or its text', shown: 'secret' },
    TEMPORAL_TLS_CLIENT_CERT_PATH: { text: "The client's certificate" },
    TEMPORAL_TLS_CLIENT_CERT_DATA: { text: "The client's certificate", shown: 'secret' },
    TEMPORAL_TLS_CLIENT_KEY_PATH: { text: "The client's key" },
    TEMPORAL_TLS_CLIENT_KEY_DATA: { text: "The client's key", shown: 'secret' },
    TEMPORAL_TLS_SERVER_NAME: { text: "The name in the server's certificate, if it is another one" },
    TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: { text: 'true or false; for trials only, with TEMPORAL_INSECURE' },
    TEMPORAL_CONFIG_FILE: { text: 'A configuration file with profiles' },
    TEMPORAL_PROFILE: { text: 'The profile in the configuration file' },
    TEMPORAL_INSECURE: {
      text: 'yes allows a Temporal on another machine without TLS, or with an unchecked certificate',
    },
    TASK_QUEUE: { text: 'The task queue; activities that call KIPU use another one, with -kipu appended' },
  },
  Runs: {
    SYNC_EVERY_MINUTES: { text: 'Minutes between two runs of an instance (1 to 1440)' },
    SYNC_JITTER_SECONDS: { text: 'Starts are spread over so many seconds (0 to 3600)' },
    SYNC_CATCH_UP_MINUTES: {
      text: 'Starts that were missed for longer are dropped; the next run covers them (1 to 10080)',
    },
    SYNC_FULL_RUN_HOUR: {
      text: 'The first run after this hour (0 to 23, UTC) is a full one: it also lists the census and the deleted charts',
    },
    SYNC_LOOK_BACK_DAYS: { text: 'How many days back the first run and full runs ask for changes (1 to 3650)' },
    SYNC_PAGE_SIZE: { text: "Charts per page of KIPU's lists (1 to 250)" },
    SYNC_MAX_IN_FLIGHT: { text: 'Pulls of one run at a time (1 to 500)' },
    SYNC_BULK_FROM: {
      text: 'Due charts of one page from which on they are pulled in batches, without a workflow each',
    },
    FRESH_WITHIN_MINUTES: { text: 'An instance whose last completed run is older counts as not fresh' },
  },
  Worker: {
    LOG_LEVEL: { text: 'debug, info, warn or error' },
    METRICS_ADDRESS: { text: "host:port of the worker's Prometheus metrics; without it there are none" },
    WEB_METRICS_ADDRESS: { text: 'The same of web: host:port of its Prometheus metrics; without it there are none' },
    METRICS_INSECURE: { text: 'yes allows metrics on another address than 127.0.0.1: they are plain http' },
    OTEL_EXPORTER_OTLP_ENDPOINT: {
      text: 'Where OpenTelemetry traces of worker and web are sent (OTLP by http, /v1/traces is appended); without it there are none',
      shown: 'host',
    },
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: { text: 'Or the whole URL for traces', shown: 'host' },
    OTEL_EXPORTER_OTLP_HEADERS: {
      text: 'Headers of each request with traces: name=value, name=value',
      shown: 'secret',
    },
    OTEL_SDK_DISABLED: { text: 'true: no traces, whatever else is set' },
    TRACES_INSECURE: { text: 'yes allows traces to another machine by http://' },
    HEALTH_ADDRESS: { text: "host:port of the worker's health endpoints; without it (and HEALTH_PORT) there are none" },
    HEALTH_PORT: { text: 'Or only their port, on 127.0.0.1 (0: any free one)' },
    SHUTDOWN_GRACE_SECONDS: { text: 'How long running activities may take to finish (0 to 300)' },
    WORKER_DEPLOYMENT: {
      text: "The name of the deployment in Temporal's Worker Versioning; without it there are no versions",
    },
    WORKER_BUILD_ID: { text: 'The build id of its version; without it the version of the program' },
  },
  'Webhooks, notices and staff page': {
    WEB_ADDRESS: { text: 'host:port on which web listens (port 0: any free one)' },
    WEB_URL: { text: 'The https address that people use, in front of the proxy' },
    WEB_TRUSTED_PROXIES: { text: 'The addresses of that proxy: its X-Forwarded-For and X-Forwarded-Proto are trusted' },
    HEALTH_TOKEN: {
      text: 'The bearer token that shows the details of /health/freshness, at least 16 characters',
      shown: 'secret',
    },
    HEALTH_TOKEN_FILE: { text: 'Or the path of a file with it' },
    WEB_IDLE_MINUTES: { text: 'A session ends after so many minutes without activity (1 to 720)' },
    WEBHOOKS_PER_SECOND: {
      text: "Webhooks per second and instance; a burst of 20 seconds' worth is accepted (1 to 10000)",
    },
    WEB_DRAIN_SECONDS: {
      text: 'How long web still serves after it was stopped, with /health/ready at 503: longer than the proxy needs to notice (0 to 60)',
    },
    WEBHOOK_GRACE_SECONDS: { text: 'How late a webhook may be before a change counts as missed (0 to 86400)' },
    NOTICE_URL: {
      text: 'Gets notices of failing and late runs, failing records and failing webhooks, and a daily summary: JSON with text, as Slack accepts it',
      shown: 'host',
    },
    NOTICE_URL_FILE: { text: 'Or the path of a file with it' },
    UNLOCK_BY_HAND: {
      text: "no refuses unlocks that somebody types on Temporal's page or command line, where nobody proves who it is",
    },
    NOTICE_INSECURE: { text: 'yes allows http:// to another machine' },
    SMTP_URL: {
      text: 'The server that sends e-mail: smtp://user:password@host:587 (STARTTLS is required) or smtps://…; without TLS only on this machine',
      shown: 'host',
    },
    SMTP_URL_FILE: { text: 'Or the path of a file with it' },
    MAIL_FROM: { text: 'The address from which e-mail is sent; set both or neither' },
    REQUIRE_SECOND_FACTOR: {
      text: 'yes: accounts with a password see nothing until they have set up an authenticator app',
    },
    OIDC_ISSUER: { text: 'The OpenID provider' },
    OIDC_CLIENT_ID: { text: "This service as the provider's client" },
    OIDC_CLIENT_SECRET: { text: 'The secret of this service at the provider', shown: 'secret' },
    OIDC_CLIENT_SECRET_FILE: { text: 'Or the path of a file with it' },
    OIDC_SCOPES: { text: 'Add what your provider needs to include the claims' },
    OIDC_ROLE_CLAIM: {
      text: 'The claim that is exactly viewer, staff or admin, or a JSON list that contains one of them; a text is never split. Dots lead into objects: realm_access.roles',
    },
    OIDC_INSTANCES_CLAIM: {
      text: 'The claim that is the exact name of one instance or *, or a JSON list of them; without this setting a person sees all instances',
    },
  },
  'Local parts': {
    DATA_DIR: { text: 'Where the local parts keep their data' },
    STAND_IN_CHARTS: { text: 'Charts of each instance of the KIPU stand-in (1 to 100000)' },
    STAND_IN_SEED: { text: 'The same seed makes the same charts (0 to 1000000)' },
  },
};
