import type { ConnectionView } from '../../../client/connections/view.ts';
import { DEFAULT_ZONE } from '../../../domain/time.ts';
import { type Webhook, webhookNames, webhooks } from '../../../domain/webhookHealth.ts';
import { Fact, Mark, Notice, Panel, Problem, Title, Token } from '../../ui/parts.tsx';
import { Ago, When } from '../../ui/times.tsx';
import { policyText, stateLabel } from './labels.ts';

/** When each webhook last came; null for never. */
export type LastDeliveries = Record<Webhook, Date | null>;

interface DetailsProps {
  connection: ConnectionView;
  last: LastDeliveries;
  csrf: string;
  now: Date;
  /** Why what was asked for was not done. */
  problem?: string;
}

/** One connection: its state and what can be done with it. */
export function ConnectionPage({ connection, last, csrf, now, version, problem }: DetailsProps & { version: string }) {
  const { name, from, state, problem: unusable, pending } = connection;
  const isStored = from === 'stored' && state !== 'retired';
  return (
    <div class="stack">
      <Title text={name} back={{ href: '/connections', words: 'KIPU connections' }}>
        <Mark label={stateLabel(connection)} />
      </Title>
      <Problem text={problem} />
      {unusable !== null && <Notice tone="bad">It is not synced, and its webhooks are refused. {unusable}</Notice>}
      {pending && <Notice tone="warn">The sync schedule is being brought up to date.</Notice>}
      {state === 'retired' ? (
        <Notice tone="warn">
          It is retired: nothing is read from this KIPU, and its webhooks are refused. Its records and referrals are
          kept. To connect it anew, add a connection of the same name.
        </Notice>
      ) : (
        <WaitingPart {...{ name, last, now, version }} zone={connection.timeZone ?? DEFAULT_ZONE} />
      )}
      <Facts of={connection} now={now} mayChange={isStored} />
      {isStored && <Actions {...{ name, state, csrf }} secrets={connection.secrets} />}
      {from === 'settings' && (
        <p class="soft">This connection is in the settings of the service, and is changed there.</p>
      )}
    </div>
  );
}

interface WaitingProps {
  name: string;
  last: LastDeliveries;
  zone: string;
  now: Date;
  version: string;
}

/** Whether KIPU's webhooks come. It polls, quickly until both have come. */
export function WaitingPart({ name, last, zone, now, version }: WaitingProps) {
  const waits = webhooks.some((webhook) => last[webhook] === null);
  const polls = {
    'hx-get': `/connections/${name}/now?seen=${version}`,
    'hx-trigger': `every ${waits ? 2 : 15}s`,
    'hx-swap': 'outerHTML',
  };
  return (
    <section id="waiting" class="sheet" aria-labelledby="deliveries" {...polls}>
      <h2 id="deliveries">Webhooks</h2>
      <div role="status">
        <ul class="plainList">
          {webhooks.map((webhook) => (
            <li key={webhook} class="row">
              <strong>{webhookNames[webhook]}</strong>
              {last[webhook] === null ? (
                <Mark label={{ text: 'Waiting for the first delivery …', tone: 'wait' }} />
              ) : (
                <>
                  <Mark label={{ text: 'Receiving', tone: 'good' }} />
                  <span class="soft small">
                    last <Ago at={last[webhook]} zone={zone} now={now} />
                  </span>
                </>
              )}
            </li>
          ))}
        </ul>
      </div>
      <p class="small">
        <a href={`/webhooks#w-${name}`}>Webhook health by location, and how to set them up in KIPU</a>
      </p>
    </section>
  );
}

function Facts({ of, now, mayChange }: { of: ConnectionView; now: Date; mayChange: boolean }) {
  const { name, baseUrl, appId, accessId, lockPolicy, timeZone, locationTimeZones, changedAt, changedBy } = of;
  return (
    <Panel title="Settings" id="settings">
      <dl class="facts">
        <Fact name="Address" wide>
          {baseUrl}
        </Fact>
        <Fact name="Access ID">{accessId}</Fact>
        <Fact name="App ID">{appId}</Fact>
        <Fact name="Locking">{policyText(lockPolicy)}</Fact>
        <Fact name="Time zone">{timeZone ?? 'not set: UTC'}</Fact>
        {Object.entries(locationTimeZones).map(([id, zone]) => (
          <Fact key={id} name={`Location ${id}`}>
            {zone}
          </Fact>
        ))}
        {changedAt !== null && (
          <Fact name="Last changed">
            <When at={changedAt} zone={timeZone ?? DEFAULT_ZONE} now={now} /> by <bdi>{changedBy}</bdi>
          </Fact>
        )}
      </dl>
      {mayChange && (
        <p>
          <a class="button" href={`/connections/${name}/edit`}>
            Change
          </a>
        </p>
      )}
    </Panel>
  );
}

function Actions(props: { name: string; state: string; secrets: ConnectionView['secrets']; csrf: string }) {
  const { name, state, secrets, csrf } = props;
  const isRotating = webhooks.some((webhook) => secrets[webhook] > 1);
  const path = `/connections/${name}`;
  return (
    <>
      <Panel title="Syncs" id="syncs">
        <p>
          {state === 'paused'
            ? 'Paused: no syncs start. Webhooks are stored, and handled when you resume.'
            : 'Pausing stops new syncs. Webhooks are still stored, and handled when you resume.'}
        </p>
        <Button {...{ path, csrf }} action={state === 'paused' ? 'resume' : 'pause'}>
          {state === 'paused' ? 'Resume' : 'Pause'}
        </Button>
      </Panel>
      <Panel title="Webhook secrets" id="secrets">
        <p>
          {isRotating
            ? 'Two secrets are valid for each webhook. When KIPU sends the new ones, remove the earlier ones.'
            : 'To replace the secrets, make new ones and enter them in KIPU. Both are valid until you remove the earlier ones.'}
        </p>
        <div class="row">
          <Button {...{ path, csrf }} action="rotate">
            Make new secrets
          </Button>
          {isRotating && (
            <Button {...{ path, csrf }} action="finish">
              Remove the earlier secrets
            </Button>
          )}
        </div>
      </Panel>
      <details class="sheet">
        <summary>Retire this connection</summary>
        <form class="stack tight" method="post" action={`${path}/retire`}>
          <p>
            This is for good: syncs end, the credentials and webhook secrets are removed, and KIPU's webhooks are
            refused. Records and referrals are kept.
          </p>
          <Token csrf={csrf} />
          <div class="field">
            <label for="confirm">Type {name} to confirm</label>
            <input id="confirm" name="confirm" autocomplete="off" required maxLength={40} />
          </div>
          <div class="row">
            <button type="submit">Retire {name}</button>
          </div>
        </form>
      </details>
    </>
  );
}

function Button(props: { path: string; action: string; csrf: string; children: string }) {
  const { path, action, csrf, children } = props;
  return (
    <form method="post" action={`${path}/${action}`}>
      <Token csrf={csrf} />
      <button type="submit">{children}</button>
    </form>
  );
}
