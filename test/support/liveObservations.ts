import { type Observations, type Question, questions } from '../../connection/observations.ts';
import type { ListFacts, SampleFacts, ShapeFacts } from '../../kipu/index.ts';

type Sample = SampleFacts<Question>;

const yesOf = (counts: Partial<Record<Question, number>>): Record<Question, number> => ({
  ...(Object.fromEntries(questions.map((question) => [question, 0])) as Record<Question, number>),
  ...counts,
});

/** Returns the shape of some objects: `has` counts those for which a question is true, `keys` those that have a key. */
export function aShape(
  seen: number,
  has: Partial<Record<Question, number>> = {},
  keys: Record<string, number> = {},
): ShapeFacts<Question> {
  const counted = Object.entries(keys).map(([key, present]) => {
    return [key, { present, filled: present, numbers: 0, digits: 0 }] as const;
  });
  return { seen, keys: Object.fromEntries(counted), unreadable: {}, dates: {}, yes: yesOf(has) };
}

export function aList(shape: ShapeFacts<Question>, rest: Partial<ListFacts<Question>> = {}): ListFacts<Question> {
  return {
    ...{ pages: 1, complete: true, totalRecords: shape.seen, blank: 0, refused: 0, withChart: 0, repeated: 0 },
    ...{ ids: { capitals: 0, small: shape.seen }, ...shape, ...rest },
  };
}

export function aSample(rest: Partial<Sample> = {}): Sample {
  return {
    lists: { latest: null, census: null, hereNow: null, vaults: null },
    charts: aShape(0),
    rowsBesideCharts: { compared: 0, differ: 0, keys: {} },
    everywhere: { charts: 0, yes: yesOf({}) },
    zones: {
      ...{ source: null, values: 0, offsets: {}, fitConfigured: null, candidates: [] },
      admissions: { timed: 0, midnight: 0 },
    },
    ...rest,
  };
}

/** Returns what the probe sees of an empty instance without problems. */
export function observed(rest: Partial<Observations> = {}): Observations {
  return {
    instance: 'north',
    settings: { digest: 'sha256', timeZones: ['America/New_York'], hasWebhookSecret: true },
    window: { startDay: '2026-10-01', endDay: '2026-11-01' },
    digests: { tried: ['sha256'], accepted: 'sha256' },
    ...{ stopped: null, endpoints: { locations: null }, failedCharts: {}, calls: [], locations: [] },
    sample: aSample(),
    ...rest,
  };
}
