import type { RunDocument } from '../../../store/documents.ts';
import { Select } from '../../ui/fields.tsx';
import type { Tone } from '../../ui/labels.ts';
import { Figure, Notice, Pager, Title, Token } from '../../ui/parts.tsx';
import { Ago } from '../../ui/times.tsx';
import type { ZoneOf } from '../zones.ts';
import type { Progress, RequestNews } from './progress.ts';
import { RunTable } from './table.tsx';
import { texts } from './texts.ts';

export interface RunsProps {
  instances: readonly string[];
  runs: readonly RunDocument[];
  more: boolean;
  /** The id of the last run on the page before; null on the first page. */
  after: string | null;
  /** The last ids of the pages before that one. */
  trail: readonly string[];
  progress: readonly Progress[];
  mayUnlock: boolean;
  csrf: string;
  zoneOf: ZoneOf;
  now: Date;
  news: readonly RequestNews[];
}

export function RunsPage(props: RunsProps & { version: string }) {
  const { instances, runs, more, after, trail, mayUnlock, csrf } = props;
  return (
    <>
      <Title text="Sync history" under={mayUnlock ? `${texts.under} ${texts.extra}` : texts.under} />
      {mayUnlock && <SyncNow instances={instances} csrf={csrf} />}
      <RunsPart {...props} />
      <Pager
        {...{ path: '/runs', query: {}, trail, start: after ?? undefined, first: after === null }}
        after={more ? (runs.at(-1)?._id ?? null) : null}
      />
    </>
  );
}

/** The syncs that are running, and the list. The first page polls: every second while a sync is running, else less often. */
export function RunsPart({ runs, progress, news, after, zoneOf, now, version }: RunsProps & { version: string }) {
  const isChecking = news.some((one) => one.news === 'checking');
  const polls = after === null && {
    'hx-get': `/runs/now?seen=${version}`,
    'hx-trigger': `every ${progress.length > 0 ? 1 : isChecking ? 3 : 10}s`,
    'hx-swap': 'outerHTML',
  };
  return (
    <div id="runs" class="stack" {...polls}>
      {news.length > 0 && (
        <div role="status" class="stack tight">
          {news.map(({ instance, news: one }) => (
            <Notice key={instance} tone={newsWords[one].tone}>
              {newsWords[one].text(instance)}
            </Notice>
          ))}
        </div>
      )}
      {progress.map((one) => (
        <RunningNow key={one.instance} progress={one} zone={zoneOf(one.instance)} now={now} />
      ))}
      {runs.length === 0 ? <p class="empty sheet">{texts.none}</p> : <RunTable runs={runs} zoneOf={zoneOf} now={now} />}
    </div>
  );
}

const newsWords: Record<RequestNews['news'], { tone: Tone; text: (instance: string) => string }> = {
  checking: {
    tone: 'warn',
    text: (instance) =>
      `We could not confirm that the sync of ${instance} started: the sync engine does not answer. Checking …`,
  },
  started: { tone: 'good', text: (instance) => `The sync of ${instance} has started.` },
  'not-started': { tone: 'bad', text: (instance) => `The sync of ${instance} did not start. Try again.` },
  'no-schedule': {
    tone: 'bad',
    text: (instance) => `The sync of ${instance} did not start: it has no schedule yet. Ask your administrator.`,
  },
};

export function RunningNow(props: { progress: Progress; zone: string; now: Date }) {
  const { zone, now } = props;
  const { instance, run, counts } = props.progress;
  return (
    <section class="sheet" aria-label={`Sync of ${instance}`}>
      <p class="row" role="status">
        <span class="spin turning" aria-hidden="true" />
        <strong>{instance}</strong>
        {run === null ? (
          texts.requested
        ) : (
          <span>
            running, started <Ago at={run.startedAt} zone={zone} now={now} />
          </span>
        )}
      </p>
      {counts !== null && (
        <dl class="figures">
          <Figure name="checked" n={counts.listed} />
          <Figure name="changed" n={counts.due} />
          <Figure name="saved" n={counts.saved} />
          <Figure name="no new data" n={counts.unchanged} />
          <Figure name="locked" n={counts.held} tone="warn" />
          <Figure name="failed" n={counts.failed} tone="bad" />
        </dl>
      )}
    </section>
  );
}

function SyncNow({ instances, csrf }: { instances: readonly string[]; csrf: string }) {
  return (
    <form class="filters sheet inline" method="post" action="/runs" aria-label={texts.syncNow}>
      <Token csrf={csrf} />
      {instances.length > 1 ? (
        <Select
          {...{ name: 'instance', label: 'KIPU connection', all: 'all', chosen: '' }}
          choices={instances.map((value) => ({ value, words: value }))}
        />
      ) : (
        <input type="hidden" name="instance" value={instances[0] ?? ''} />
      )}
      <div class="buttons">
        <label class="check">
          <input type="checkbox" name="full" value="1" /> {texts.everyChart}
        </label>
        <button class="first" type="submit">
          {texts.syncNow}
        </button>
      </div>
    </form>
  );
}
