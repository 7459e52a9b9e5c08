import type { WebhookEntry } from '../../../client/connections/manage.ts';
import { Notice, Panel, Title } from '../../ui/parts.tsx';

interface SecretsProps {
  name: string;
  webhooks: readonly WebhookEntry[];
  /** Whether the connection was just added; otherwise its secrets were rotated. */
  added: boolean;
  /** Whether KIPU can reach the addresses: not where they are of this machine. */
  reachable: boolean;
}

/** The third step: the addresses and secrets to enter in KIPU. The secrets are on this page alone, and only once. */
export function SecretsPage({ name, webhooks, added, reachable }: SecretsProps) {
  return (
    <div class="medium stack">
      <Title
        text={added ? `${name} is added` : `New webhook secrets of ${name}`}
        under={
          added
            ? 'Step 3 of 3: let KIPU notify us when a chart is created or changed.'
            : 'The secrets before these stay valid until you remove them.'
        }
        back={{ href: `/connections/${name}`, words: name }}
      />
      <Notice tone="warn">Copy the secrets now. They are not shown again; you can only make new ones.</Notice>
      {!reachable && (
        <Notice tone="bad">
          KIPU can't reach these addresses, because they are on this machine. Ask who runs this service to set WEB_URL.
        </Notice>
      )}
      <Panel title="Enter these in KIPU" id="webhooks">
        <ol class="steps">
          <li>In KIPU, sign in as an administrator and open the webhooks under API Management.</li>
          {webhooks.map(({ webhook, name: kind, url, secret }) => (
            <li key={webhook}>
              For <strong>{kind}</strong>, enter this address:
              <span class="code">{url}</span>
              and send this secret in the header <code>x-webhook-secret</code>:<span class="code">{secret}</span>
            </li>
          ))}
          <li>If KIPU only accepts an address, append a slash and the secret to the address.</li>
          <li>Select every location for both. Discharged records of a location that sends nothing are locked.</li>
          <li>Turn both on and change any chart.</li>
        </ol>
      </Panel>
      <p>
        <a class="button first" href={`/connections/${name}`}>
          Wait for the first delivery
        </a>
      </p>
    </div>
  );
}
