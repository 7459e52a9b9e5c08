import type { WebhookView } from '../../../client/webhookView.ts';
import { namesText, webhookNames } from '../../../domain/webhookHealth.ts';
import type { Label } from '../../ui/labels.ts';
import { Fact, Mark, Notice, Title, Token } from '../../ui/parts.tsx';
import { Ago, When } from '../../ui/times.tsx';
import type { InstanceWebhooks, WebhookFacts } from './facts.ts';

const healthLabels: Readonly<Record<WebhookFacts['health'], Label>> = {
  missing: { text: 'Never received', tone: 'bad' },
  failing: { text: 'Misses updates', tone: 'warn' },
  unknown: { text: 'Our receiver is down', tone: 'warn' },
  healthy: { text: 'Working', tone: 'good' },
};

/** The result of a test. */
export interface Tested {
  instance: string;
  received: boolean;
}

interface WebhooksProps {
  instances: readonly InstanceWebhooks[];
  tested: Tested | null;
  mayTest: boolean;
  mayManage: boolean;
  csrf: string;
  now: Date;
}

export function WebhooksPage({ instances, tested, mayTest, mayManage, csrf, now }: WebhooksProps) {
  return (
    <>
      <Title
        text="KIPU connection"
        under="KIPU notifies us by two webhooks when a chart is created or changed. They are turned on per location. While a location sends no Chart Update, its discharged records are locked."
      >
        {mayManage && (
          <a class="button" href="/connections">
            Manage connections
          </a>
        )}
      </Title>
      {tested !== null && <TestResult tested={tested} />}
      {instances.map((one) => (
        <Instance key={one.instance} of={one} mayTest={mayTest} csrf={csrf} now={now} />
      ))}
    </>
  );
}

function Instance({
  of,
  mayTest,
  csrf,
  now,
}: { of: InstanceWebhooks } & Omit<WebhooksProps, 'instances' | 'tested' | 'mayManage'>) {
  const { instance, withoutSecret, webhooks, quiet } = of;
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
              Send a test<span class="hidden"> for {instance}</span>
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
          No chart has changed yet at {namesText(quiet)}. Until the first webhook arrives, discharged records there are
          locked.
        </p>
      )}
      <details open={webhooks.some(({ health }) => health === 'missing')}>
        <summary>How to set up the webhooks in KIPU</summary>
        <Steps of={of} />
      </details>
      {withoutSecret.length > 0 && (
        <Notice tone="bad">
          This instance has no webhook secret for {namesText(withoutSecret.map((kind) => webhookNames[kind]))} in the
          settings, so all its deliveries are refused. Ask your administrator to set one.
        </Notice>
      )}
    </section>
  );
}

function Health({ facts: { webhook, health, locations }, now }: { facts: WebhookFacts; now: Date }) {
  return (
    <div class="stack tight">
      <div class="row">
        <h3>{webhookNames[webhook]}</h3>
        <Mark label={healthLabels[health]} />
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
        <bdi>{location ?? 'No location'}</bdi> <Mark label={healthLabels[health]} />
      </summary>
      <div class="stack tight">
        <p>{advice}</p>
        <dl class="facts">
          <Fact name="Last received">
            <Ago at={lastDeliveryAt} now={now} />
          </Fact>
          <Fact name="Changes announced by webhook">
            {share === null ? (
              <span class="soft">no changes yet</span>
            ) : (
              `${announced} of ${announced + missed} (${Math.floor(share * 100)} %), over ${runs} ${runs === 1 ? 'sync' : 'syncs'}`
            )}
          </Fact>
        </dl>
        {examples.length > 0 && (
          <details>
            <summary>Changes without a webhook, for KIPU support</summary>
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
      <li>In KIPU, sign in as an administrator and open the webhooks under API Management.</li>
      {webhooks.map(({ webhook, url }) => (
        <li key={webhook}>
          For <strong>{webhookNames[webhook]}</strong>, enter this address:
          <span class="code">{url}</span>
        </li>
      ))}
      <li>
        Add the webhook secret of this instance to both, or to each its own; your administrator has it. Send it in the
        header <code>x-webhook-secret</code>. If KIPU only accepts an address, append a slash and the secret to the
        address.
      </li>
      <li>Select every location for both. A location that is not selected sends nothing.</li>
      <li>Turn both on and change any chart. “Last received” then says “just now”.</li>
    </ol>
  );
}

function TestResult({ tested: { instance, received } }: { tested: Tested }) {
  if (received) {
    return (
      <div class="notice good" role="status">
        {instance}: a chart was changed in the stand-in, and its Chart Update webhook was received.
      </div>
    );
  }
  return (
    <Notice tone="bad" alert>
      {instance}: a chart was changed in the stand-in, but no Chart Update webhook was received. Is it turned on there?
    </Notice>
  );
}
