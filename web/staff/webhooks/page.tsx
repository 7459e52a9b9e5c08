import type { WebhookView } from '../../../client/webhookView.ts';
import { namesText, webhookNames } from '../../../domain/webhookHealth.ts';
import { copyVersion } from '../../ui/copy.ts';
import type { Label } from '../../ui/labels.ts';
import { Fact, Mark, Notice, Title, Token } from '../../ui/parts.tsx';
import { Ago } from '../../ui/times.tsx';
import type { InstanceWebhooks, WebhookFacts } from './facts.ts';
import { texts } from './texts.ts';

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
      <Title text="KIPU connections" under={texts.under}>
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
      <script src={`/assets/copy.js?v=${copyVersion}`} defer />
    </>
  );
}

function Instance({
  of,
  mayTest,
  csrf,
  now,
}: { of: InstanceWebhooks } & Omit<WebhooksProps, 'instances' | 'tested' | 'mayManage'>) {
  const { instance, withoutSecret, webhooks, quiet, missed, zoneOf } = of;
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
          <Health key={facts.webhook} facts={facts} zoneOf={zoneOf} now={now} />
        ))}
      </div>
      {quiet.length > 0 && <p class="small">{texts.quiet(namesText(quiet))}</p>}
      {missed > 0 && (
        <p>
          <a href={`/webhooks/evidence?instance=${instance}`}>{texts.missed(missed)}</a>
        </p>
      )}
      <details open={webhooks.some(({ health }) => health === 'missing')}>
        <summary>{texts.steps}</summary>
        <Steps of={of} />
      </details>
      {withoutSecret.length > 0 && (
        <Notice tone="bad">{texts.noSecret(namesText(withoutSecret.map((kind) => webhookNames[kind])))}</Notice>
      )}
    </section>
  );
}

function Health(props: { facts: WebhookFacts; zoneOf: InstanceWebhooks['zoneOf']; now: Date }) {
  const { zoneOf, now } = props;
  const { webhook, health, locations } = props.facts;
  return (
    <div class="stack tight">
      <div class="row">
        <h3>{webhookNames[webhook]}</h3>
        <Mark label={healthLabels[health]} />
      </div>
      {locations.map((view, at) => (
        <LocationHealth
          key={view.locationId ?? ''}
          {...{ view, open: at === 0, alone: locations.length === 1, zone: zoneOf(view.locationId), now }}
        />
      ))}
    </div>
  );
}

interface HealthProps {
  view: WebhookView;
  open: boolean;
  /** It is the only one: nothing is known of single locations. */
  alone: boolean;
  zone: string;
  now: Date;
}

function LocationHealth({ view, open, alone, zone, now }: HealthProps) {
  const { location, health, advice, lastDeliveryAt, announcedShare: share, announced, missed, runs } = view;
  return (
    <details open={open}>
      <summary>
        <bdi>{location ?? (alone ? 'Every location' : 'No location')}</bdi> <Mark label={healthLabels[health]} />
      </summary>
      <div class="stack tight">
        <p>{advice}</p>
        <dl class="facts">
          <Fact name="Last received">
            <Ago at={lastDeliveryAt} zone={zone} now={now} />
          </Fact>
          <Fact name="Changes announced by webhook">
            {share === null ? (
              <span class="soft">no changes yet</span>
            ) : (
              `${announced} of ${announced + missed} (${Math.floor(share * 100)} %), over ${runs} ${runs === 1 ? 'sync' : 'syncs'}`
            )}
          </Fact>
        </dl>
      </div>
    </details>
  );
}

function Steps({ of: { instance, webhooks, reach } }: { of: InstanceWebhooks }) {
  const [{ url } = { url: '' }] = webhooks;
  const { origin } = new URL(url);
  return (
    <div class="stack tight">
      {reach === 'none' && <Notice tone="bad">{texts.notReachable(origin)}</Notice>}
      {reach === 'stand-in' && <Notice tone="plain">{texts.standInOnly(origin)}</Notice>}
      <ol class="steps small">
        <li>{texts.stepOpen}</li>
        {webhooks.map((one) => (
          <li key={one.webhook}>
            For <strong>{webhookNames[one.webhook]}</strong>, enter this address:
            <span class="code" id={`a-${instance}-${one.webhook}`}>
              {one.url}
            </span>
            <button type="button" hidden data-copy={`a-${instance}-${one.webhook}`} data-copied="Copied">
              Copy<span class="hidden"> the address of {webhookNames[one.webhook]}</span>
            </button>
          </li>
        ))}
        <li>
          {texts.stepSecret}
          <code>x-webhook-secret</code>
          {texts.stepSecretAddress}
        </li>
        <li>{texts.stepLocations}</li>
        <li>{texts.stepTest}</li>
      </ol>
    </div>
  );
}

function TestResult({ tested: { instance, received } }: { tested: Tested }) {
  if (received) {
    return (
      <div class="notice good" role="status">
        {texts.testPassed(instance)}
      </div>
    );
  }
  return (
    <Notice tone="bad" alert>
      {texts.testFailed(instance)}
    </Notice>
  );
}
