import type { WebhookView } from '../../../client/webhookView.ts';
import { namesText } from '../../../domain/webhookHealth.ts';
import { type Label, webhookHealthLabels } from '../../ui/labels.ts';
import { Fact, Mark, Notice, Title, Token } from '../../ui/parts.tsx';
import { Ago, When } from '../../ui/times.tsx';
import type { InstanceWebhooks, WebhookFacts } from './facts.ts';

const healthSaid: Readonly<Record<WebhookFacts['health'], Label>> = {
  missing: { text: 'Never came', tone: 'bad' },
  failing: { text: 'Misses changes', tone: 'warn' },
  unknown: { text: 'Our receiver is away', tone: 'warn' },
  healthy: { text: 'Works', tone: 'good' },
};

/** What came of a test: whether the delivery was seen. */
export interface Tested {
  instance: string;
  came: boolean;
}

export interface WebhooksProps {
  instances: readonly InstanceWebhooks[];
  tested: Tested | null;
  mayTest: boolean;
  csrf: string;
  now: Date;
}

export function WebhooksPage({ instances, tested, mayTest, csrf, now }: WebhooksProps) {
  return (
    <>
      <Title
        text="Webhooks"
        under="By its two webhooks KIPU tells at once that a chart is new or has changed. They are switched on per location. While Chart Update does not come from one, the discharged records of that location are held."
      />
      {tested !== null && <TestOutcome tested={tested} />}
      {instances.map((one) => (
        <Instance key={one.instance} of={one} mayTest={mayTest} csrf={csrf} now={now} />
      ))}
    </>
  );
}

function Instance({ of, mayTest, csrf, now }: { of: InstanceWebhooks } & Omit<WebhooksProps, 'instances' | 'tested'>) {
  const { instance, hasSecret, webhooks, quiet } = of;
  const id = `w-${instance}`;
  return (
    <section class="sheet" aria-labelledby={id}>
      <div class="row apart">
        <h2 id={id}>{instance}</h2>
        {mayTest && (
          <form method="post" action="/webhooks">
            <Token csrf={csrf} />
            <input type="hidden" name="instance" value={instance} />
            <button type="submit">
              Send a test<span class="hidden"> of {instance}</span>
            </button>
          </form>
        )}
      </div>
      <div class="cards">
        {webhooks.map((facts) => (
          <Health key={facts.webhook} facts={facts} now={now} />
        ))}
      </div>
      {quiet.length > 0 && (
        <p class="small">
          No chart has changed yet at {namesText(quiet)}: until its first webhook has come, a discharge there is held.
        </p>
      )}
      <details open={webhooks.some(({ health }) => health === 'missing')}>
        <summary>How to set it up in KIPU, step by step</summary>
        <Steps of={of} />
      </details>
      {!hasSecret && (
        <Notice tone="bad">
          This instance has no webhook secret in the settings: all its webhooks are refused. Whoever administers the
          service sets one.
        </Notice>
      )}
    </section>
  );
}

function Health({ facts: { webhook, health, locations }, now }: { facts: WebhookFacts; now: Date }) {
  return (
    <div class="stack tight">
      <div class="row">
        <h3>{webhookHealthLabels[webhook]}</h3>
        <Mark said={healthSaid[health]} />
      </div>
      {locations.map((view, at) => (
        <LocationHealth key={view.locationId ?? ''} view={view} open={at === 0} now={now} />
      ))}
    </div>
  );
}

function LocationHealth({ view, open, now }: { view: WebhookView; open: boolean; now: Date }) {
  const { location, health, advice, lastDeliveryAt, announcedShare: share, announced, missed, runs, examples } = view;
  return (
    <details open={open}>
      <summary>
        <bdi>{location ?? 'No location named'}</bdi> <Mark said={healthSaid[health]} />
      </summary>
      <div class="stack tight">
        <p>{advice}</p>
        <dl class="facts">
          <Fact name="Last came">
            <Ago at={lastDeliveryAt} now={now} />
          </Fact>
          <Fact name="Changes announced">
            {share === null ? (
              <span class="soft">nothing measured yet</span>
            ) : (
              `${announced} of ${announced + missed} (${Math.floor(share * 100)} %), over ${runs} ${runs === 1 ? 'run' : 'runs'}`
            )}
          </Fact>
        </dl>
        {examples.length > 0 && (
          <details>
            <summary>Changes that it did not announce, for KIPU’s support</summary>
            <ul class="plainList small">
              {examples.map(({ record, since, detectedAt }) => (
                <li key={`${record}/${detectedAt.getTime()}`}>
                  <a href={`/records/${record}`}>{record}</a>: changed between <When at={since} now={now} /> and{' '}
                  <When at={detectedAt} now={now} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </details>
  );
}

function Steps({ of: { webhooks } }: { of: InstanceWebhooks }) {
  return (
    <ol class="steps small">
      <li>In KIPU, open API Management as an administrator, and there the webhooks.</li>
      {webhooks.map(({ webhook, url }) => (
        <li key={webhook}>
          Enter for <strong>{webhookHealthLabels[webhook]}</strong> this address:
          <span class="code">{url}</span>
        </li>
      ))}
      <li>
        Give both the webhook secret of this instance, which whoever administers the service knows: as the header{' '}
        <code>x-webhook-secret</code>, or, where KIPU takes only an address, behind a slash at its end.
      </li>
      <li>Pick every location for both: a location that is left out sends nothing.</li>
      <li>Switch both on, and change any chart. “Last came” then says just now.</li>
    </ol>
  );
}

function TestOutcome({ tested: { instance, came } }: { tested: Tested }) {
  if (came) {
    return (
      <div class="notice good" role="status">
        {instance}: a chart was changed in the stand-in, and its Chart Update webhook came.
      </div>
    );
  }
  return (
    <Notice tone="bad" alert>
      {instance}: a chart was changed in the stand-in, and no Chart Update webhook came. Is it switched on there?
    </Notice>
  );
}
