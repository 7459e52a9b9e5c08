import type { WebhookEntry } from '../../../client/connections/manage.ts';
import { Notice, Panel, Title } from '../../ui/parts.tsx';
import { secretsTexts } from './texts.ts';

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
        text={added ? secretsTexts.title.added(name) : secretsTexts.title.rotated(name)}
        under={added ? secretsTexts.under.added : secretsTexts.under.rotated}
        back={{ href: `/connections/${name}`, words: name }}
      />
      <Notice tone="warn">{secretsTexts.copy}</Notice>
      {!reachable && <Notice tone="bad">{secretsTexts.unreachable}</Notice>}
      <Panel title={secretsTexts.enter} id="webhooks">
        <ol class="steps">
          <li>{secretsTexts.signIn}</li>
          {webhooks.map(({ webhook, name: kind, url, secret }) => (
            <li key={webhook}>
              For <strong>{kind}</strong>, {secretsTexts.address}
              <span class="code">{url}</span>
              {secretsTexts.secret} <code>x-webhook-secret</code>:<span class="code">{secret}</span>
            </li>
          ))}
          <li>{secretsTexts.onlyAddress}</li>
          <li>{secretsTexts.everyLocation}</li>
          <li>{secretsTexts.turnOn}</li>
        </ol>
      </Panel>
      <p>
        <a class="button first" href={`/connections/${name}`}>
          {secretsTexts.wait}
        </a>
      </p>
    </div>
  );
}
