import type { ConnectionView } from '../../../client/connections/view.ts';
import { Mark, Notice, Title } from '../../ui/parts.tsx';
import { policyText, stateLabel } from './labels.ts';
import { texts } from './texts.ts';

interface ListProps {
  connections: readonly ConnectionView[];
  /** Why none can be added; null where one can. */
  cannotAdd: string | null;
}

/** The list of all KIPU connections. */
export function ConnectionsPage({ connections, cannotAdd }: ListProps) {
  return (
    <>
      <Title text="KIPU connections" under={texts.under}>
        {cannotAdd === null && (
          <a class="button first" href="/connections/add">
            {texts.add}
          </a>
        )}
      </Title>
      {cannotAdd !== null && <Notice tone="warn">{cannotAdd}</Notice>}
      {connections.length === 0 ? (
        <p class="empty sheet">{texts.none}</p>
      ) : (
        <div class="tableSheet">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">State</th>
                <th scope="col">KIPU</th>
                <th scope="col">Locking</th>
                <th scope="col">Time zone</th>
              </tr>
            </thead>
            <tbody>
              {connections.map((one) => (
                <Row key={`${one.from} ${one.name}`} of={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Row({ of }: { of: ConnectionView }) {
  const { name, from, baseUrl, lockPolicy, timeZone } = of;
  return (
    <tr>
      <td class="name">
        <a href={`/connections/${name}`}>{name}</a>
        {from === 'settings' && <span class="soft">{texts.inSettings}</span>}
      </td>
      <td data-label="State">
        <Mark label={stateLabel(of)} />
      </td>
      <td data-label="KIPU">{new URL(baseUrl).host}</td>
      <td data-label="Locking">{policyText(lockPolicy)}</td>
      <td data-label="Time zone">{timeZone ?? <span class="soft">{texts.noTimeZone}</span>}</td>
    </tr>
  );
}
