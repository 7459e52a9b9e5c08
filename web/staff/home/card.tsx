import type { Outage } from '../../../domain/outage.ts';
import { webhookNames, webhooks } from '../../../domain/webhookHealth.ts';
import { runLabel } from '../../ui/labels.ts';
import { Fact, Figure, Mark, Notice } from '../../ui/parts.tsx';
import { Ago } from '../../ui/times.tsx';
import { advice, currentness, type InstanceFacts } from './facts.ts';
import { RunChart } from './runChart.tsx';
import { conditionTexts, freshnessTexts, texts } from './texts.ts';

interface CardProps {
  facts: InstanceFacts;
  /** What keeps its syncs from running now; absent for nothing. */
  away: Outage | undefined;
  isAdmin: boolean;
  now: Date;
}

/** The card of one instance on the home page. */
export function InstanceCard({ facts, away, isAdmin, now }: CardProps) {
  const { instance, zone, runs, schedule, freshness, warnings, conditions, held, referralsToday } = facts;
  const [last] = runs;
  const id = `i-${instance}`;
  return (
    <section class="sheet" aria-labelledby={id}>
      <div class="row apart">
        <h2 id={id}>{instance}</h2>
        <Mark label={currentness(freshness, away)} />
      </div>
      {away !== undefined && (
        <Notice tone="warn">
          Last sync <Ago at={last?.startedAt ?? null} zone={zone} now={now} />; {texts.noNewSyncs(away.short)}
        </Notice>
      )}
      {freshness.warnings.map((warning) => (
        <Notice key={warning} tone="bad">
          {freshnessTexts[warning]}
        </Notice>
      ))}
      {conditions.map(({ kind, detail, text, since }) => (
        <Notice key={`${kind}/${detail}`} tone="bad">
          {isAdmin ? text : `${conditionTexts[kind]} ${texts.notified}`} {texts.began}{' '}
          <Ago at={since} zone={zone} now={now} />.
        </Notice>
      ))}
      {warnings.map(({ code, text }) => (
        <Notice key={code} tone="warn">
          {text}
        </Notice>
      ))}
      <dl class="facts">
        <Fact name="Last sync">
          {last === undefined ? (
            <span class="soft">none yet</span>
          ) : (
            <>
              <a href={`/runs/${last._id}`}>
                <Ago at={last.startedAt} zone={zone} now={now} />
              </a>{' '}
              <Mark label={runLabel[last.status]} />
            </>
          )}
        </Fact>
        <Fact name="Next sync">
          <NextRun schedule={schedule} zone={zone} now={now} />
        </Fact>
        {webhooks.map((webhook) => (
          <Fact key={webhook} name={`Last ${webhookNames[webhook]}`}>
            <Ago at={freshness.webhooks[webhook].lastDeliveryAt} zone={zone} now={now} />
          </Fact>
        ))}
      </dl>
      <dl class="figures">
        <Figure name="charts checked" n={last?.counts.listed ?? 0} />
        <Figure name="changed" n={last?.counts.due ?? 0} />
        <Figure name="referrals today" n={referralsToday} />
      </dl>
      <Held instance={instance} held={held} />
      <Webhooks facts={facts} />
      <RunChart runs={runs} id={`c-${instance}`} zone={zone} now={now} />
    </section>
  );
}

function NextRun({ schedule, zone, now }: Pick<InstanceFacts, 'schedule' | 'zone'> & { now: Date }) {
  if (schedule === null) return <span class="soft">unknown</span>;
  if (schedule.paused) return <Mark label={{ text: 'Paused', tone: 'warn' }} />;
  return <Ago at={schedule.nextRunAt} zone={zone} now={now} />;
}

function Held({ instance, held }: Pick<InstanceFacts, 'instance' | 'held'>) {
  const link = (age: string, n: number, words: string) => (
    <Fact name={words}>
      {n === 0 ? '0' : <a href={`/held?${new URLSearchParams({ instance, age })}`}>{n.toLocaleString('en-US')}</a>}
    </Fact>
  );
  return (
    <div class="stack tight">
      <h3>Locked records, by age</h3>
      <dl class="facts three">
        {link('day', held.day, 'less than a day')}
        {link('week', held.week, '1 to 7 days')}
        {link('longer', held.longer, 'over 7 days')}
      </dl>
    </div>
  );
}

function Webhooks({ facts: { instance, freshness } }: { facts: InstanceFacts }) {
  const { healthy, text } = advice(freshness);
  return (
    <Notice tone={healthy ? 'good' : 'warn'}>
      <p>
        {text} <a href={`/webhooks#w-${instance}`}>{healthy ? 'Details' : 'Set it up'}</a>
      </p>
    </Notice>
  );
}
