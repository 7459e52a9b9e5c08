import { describe, expect, it } from 'vitest';
import { insecureConnections } from '../../../config/insecure.ts';
import { readSettings } from '../../../config/settings.ts';
import { SettingsError } from '../../../config/settingsError.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const insecure: [string, string, Record<string, string>][] = [
  ['MONGODB_INSECURE', 'a remote database', { MONGODB_URI: 'mongodb://u:pw-secret@db.example.com/kipu' }],
  ['MONGODB_INSECURE', 'one remote member of two', { MONGODB_URI: 'mongodb://localhost:27017,db.example.com/x' }],
  ['MONGODB_INSECURE', 'a host hidden behind a user', { MONGODB_URI: 'mongodb://localhost:1/x@db.example.com/' }],
  ['MONGODB_INSECURE', 'TLS switched off', { MONGODB_URI: 'mongodb://db.example.com/?tls=false' }],
  ['MONGODB_INSECURE', 'TLS switched off for SRV', { MONGODB_URI: 'mongodb+srv://db.example.com/?ssl=false' }],
  ['MONGODB_INSECURE', 'TLS on and off', { MONGODB_URI: 'mongodb://db.example.com/?tls=true&ssl=false' }],
  [
    'MONGODB_INSECURE',
    'certificates that are not checked',
    { MONGODB_URI: 'mongodb://db.example.com/?tls=true&tlsAllowInvalidCertificates=true' },
  ],
  [
    'MONGODB_INSECURE',
    'host names that are not checked, in other letters',
    { MONGODB_URI: 'mongodb+srv://db.example.com/?TLSALLOWINVALIDHOSTNAMES=true' },
  ],
  ['MONGODB_INSECURE', 'tlsInsecure', { MONGODB_URI: 'mongodb+srv://db.example.com/?tlsInsecure=true' }],
  ['TEMPORAL_INSECURE', 'a remote Temporal', { TEMPORAL_ADDRESS: 'temporal.example.com:7233' }],
  [
    'TEMPORAL_INSECURE',
    'TLS switched off beside an API key',
    { TEMPORAL_ADDRESS: 'temporal.example.com:7233', TEMPORAL_API_KEY: 'pw-secret', TEMPORAL_TLS: 'false' },
  ],
  [
    'TEMPORAL_INSECURE',
    'a name that is not checked',
    {
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_TLS: 'true',
      TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true',
    },
  ],
  ['NOTICE_INSECURE', 'a remote URL for notices', { NOTICE_URL: 'http://chat.example.com/hook/pw-secret' }],
  ['METRICS_INSECURE', 'metrics for every machine', { METRICS_ADDRESS: '0.0.0.0:9464' }],
  ['METRICS_INSECURE', 'metrics of web for every machine', { WEB_METRICS_ADDRESS: '0.0.0.0:9465' }],
  ['TRACES_INSECURE', 'traces to another machine', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel.example.com:4318' }],
  [
    'TRACES_INSECURE',
    'traces to the other address for them',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://otel.example.com/pw-secret' },
  ],
];

describe('A connection without TLS to another machine', () => {
  it.each(insecure)('is refused unless %s=yes: %s', (allowedBy, _what, env) => {
    expect(problemsOf(env)).toEqual([expect.stringContaining(`set ${allowedBy}=yes`)]);
    expect(problemsOf(env).join()).not.toContain('pw-secret');
    expect(problemsOf({ ...env, [allowedBy]: 'no' })).toHaveLength(1);
    expect(readSettings({ ...env, [allowedBy]: 'yes' }).insecure).toEqual([expect.objectContaining({ allowedBy })]);
  });

  it('is refused in one list with all others', () => {
    const all = { MONGODB_URI: 'mongodb://db.example.com', TEMPORAL_ADDRESS: 't.example.com:7233' };
    expect(problemsOf({ ...all, NOTICE_URL: 'http://a.test', METRICS_ADDRESS: '[::]:1' })).toHaveLength(4);
  });

  it.each(['ftp://files.example.com/x', 'javascript:alert(1)', 'file:///etc/passwd'])(
    'is not made by another scheme of NOTICE_URL, whatever is allowed: %s',
    (url) => {
      expect(problemsOf({ NOTICE_URL: url, NOTICE_INSECURE: 'yes' })).toEqual([
        expect.stringContaining('NOTICE_URL: must be'),
      ]);
    },
  );

  it('is allowed only by yes or no', () => {
    expect(problemsOf({ MONGODB_INSECURE: 'true' })).toEqual(['MONGODB_INSECURE: must be yes or no']);
  });
});

describe('A connection', () => {
  it.each<[string, Record<string, string>]>([
    ['to a database on this machine', { MONGODB_URI: 'mongodb://127.0.0.1:27017,[::1]:27018,localhost/?tls=false' }],
    ['to a socket file', { MONGODB_URI: 'mongodb://%2Ftmp%2Fmongodb-27017.sock/kipu' }],
    ['to a database with TLS', { MONGODB_URI: 'mongodb://u:p@db.example.com/kipu?tls=true&retryWrites=true' }],
    ['to a database by SRV', { MONGODB_URI: 'mongodb+srv://u:p@db.example.com' }],
    ['to Temporal on this machine', { TEMPORAL_ADDRESS: 'localhost:7233' }],
    ['to Temporal with an API key', { TEMPORAL_ADDRESS: 't.example.com:7233', TEMPORAL_API_KEY: 'k' }],
    ['to Temporal with TLS', { TEMPORAL_ADDRESS: 't.example.com:7233', TEMPORAL_TLS: 'true' }],
    ['to a URL for notices by https', { NOTICE_URL: 'https://chat.example.com' }],
    ['to a URL for notices on this machine', { NOTICE_URL: 'http://127.0.0.1:1/x' }],
    ['of metrics on this machine', { METRICS_ADDRESS: '127.0.0.1:9464', WEB_METRICS_ADDRESS: '127.0.0.1:9465' }],
    ['of traces on this machine', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }],
    ['of traces by https', { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example.com' }],
    [
      'of traces that are switched off',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel.example.com', OTEL_SDK_DISABLED: 'true' },
    ],
  ])('%s needs no permission', (_, env) => {
    expect(readSettings(env).insecure).toEqual([]);
  });
});

describe('insecureConnections', () => {
  it('finds nothing where nothing is configured', () => {
    const none = {
      mongoUri: null,
      temporal: null,
      temporalUnverified: false,
      noticeUrl: null,
      metricsAddress: null,
      webMetricsAddress: null,
      tracesUrl: null,
    };
    expect(insecureConnections(none)).toEqual([]);
  });
});
