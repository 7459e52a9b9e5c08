import { z } from 'zod';
import { listenAddress, permission } from './valueKinds.ts';

const url = () => z.url({ protocol: /^https?$/, error: 'must be a URL that begins with https://' }).optional();

/** The settings of metrics and traces. Names that begin with OTEL are OpenTelemetry's. */
export const telemetryVariables = {
  METRICS_ADDRESS: listenAddress.optional(),
  WEB_METRICS_ADDRESS: listenAddress.optional(),
  METRICS_INSECURE: permission('no'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
  OTEL_SDK_DISABLED: z.enum(['true', 'false'], 'must be true or false').default('false'),
  TRACES_INSECURE: permission('no'),
};

type Data = z.infer<z.ZodObject<typeof telemetryVariables>>;

export interface TelemetrySettings {
  /** host:port of the metrics of `web`; null where there are none. */
  webMetricsAddress: string | null;
  /** Where traces are sent; null where there are none. */
  tracesUrl: string | null;
}

export function telemetrySettings(data: Data): TelemetrySettings {
  return { webMetricsAddress: data.WEB_METRICS_ADDRESS ?? null, tracesUrl: tracesUrl(data) };
}

/** Returns where traces are sent, as OpenTelemetry derives it from its two variables. */
function tracesUrl(data: Data): string | null {
  if (data.OTEL_SDK_DISABLED === 'true') return null;
  if (data.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== undefined) return data.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const base = data.OTEL_EXPORTER_OTLP_ENDPOINT;
  return base === undefined ? null : `${base.replace(/\/+$/, '')}/v1/traces`;
}
