import type { ConnectionView } from '../../../client/connections/view.ts';
import { DEFAULT_ZONE } from '../../../domain/time.ts';
import { type Webhook, webhookNames, webhooks } from '../../../domain/webhookHealth.ts';
import type { LocationContact } from '../../../store/instances.ts';
import { Fact, Mark, Notice, Panel, Problem, Title, Token } from '../../ui/parts.tsx';
import { Ago, When } from '../../ui/times.tsx';
import { Contacts } from './contacts.tsx';
import { policyText, stateLabel } from './labels.ts';
import { actionTexts, texts } from './texts.ts';

/** When each webhook last came; null for never. */
export type LastDeliveries = Record<Webhook, Date | null>;

interface DetailsProps {
  connection: ConnectionView;
  last: LastDeliveries;
  /** All its locations, and whom to ask there. */
  locations: readonly string[];
  contacts: readonly LocationContact[];
  csrf: string;
  now: Date;
  /** Why what was asked for was not done. */
  problem?: string;
}

/** One connection: its state and what can be done with it. */
export function ConnectionPage(props: DetailsProps & { version: string }) {
  const { connection, last, locations, contacts, csrf, now, version, problem } = props;
  const { name, from, state, problem: unusable, pending } = connection;
  const isStored = from === 'stored' && state !== 'retired';
  return (
    <div class="stack">
      <Title text={name} back={{ href: '/connections', words: 'KIPU connections' }}>
        <Mark label={stateLabel(connection)} />
      </Title>
      <Problem text={problem} />
      {unusable !== null && <Notice tone="bad">{texts.unusable(unusable)}</Notice>}
      {pending && <Notice tone="warn">{texts.pending}</Notice>}
      {state === 'retired' ? (
        <Notice tone="warn">{texts.retired}</Notice>
      ) : (
        <WaitingPart {...{ name, last, now, version }} zone={connection.timeZone ?? DEFAULT_ZONE} />
      )}
      <Facts of={connection} now={now} mayChange={isStored} />
      <Contacts {...{ name, locations, contacts, csrf }} />
      {isStored && <Actions {...{ name, state, csrf }} secrets={connection.secrets} />}
      {from === 'settings' && <p class="soft">{texts.fixed}</p>}
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
                <Mark label={{ text: texts.waiting, tone: 'wait' }} />
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
        <a href={`/webhooks#w-${name}`}>{texts.health}</a>
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
        <Fact name="Time zone">{timeZone ?? texts.noTimeZone}</Fact>
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
        <p>{state === 'paused' ? actionTexts.syncs.paused : actionTexts.syncs.active}</p>
        <Button {...{ path, csrf }} action={state === 'paused' ? 'resume' : 'pause'}>
          {state === 'paused' ? 'Resume' : 'Pause'}
        </Button>
      </Panel>
      <Panel title="Webhook secrets" id="secrets">
        <p>{isRotating ? actionTexts.secrets.two : actionTexts.secrets.one}</p>
        <div class="row">
          <Button {...{ path, csrf }} action="rotate">
            {actionTexts.secrets.make}
          </Button>
          {isRotating && (
            <Button {...{ path, csrf }} action="finish">
              {actionTexts.secrets.remove}
            </Button>
          )}
        </div>
      </Panel>
      <details class="sheet">
        <summary>{actionTexts.retire.title}</summary>
        <form class="stack tight" method="post" action={`${path}/retire`}>
          <p>{actionTexts.retire.help}</p>
          <Token csrf={csrf} />
          <div class="field">
            <label for="confirm">{actionTexts.retire.confirm(name)}</label>
            <input id="confirm" name="confirm" autocomplete="off" required maxLength={40} />
          </div>
          <div class="row">
            <button type="submit">{actionTexts.retire.button(name)}</button>
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
