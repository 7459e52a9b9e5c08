import type { AttentionFacts } from '../../../client/attention.ts';
import { attentionKinds } from '../../../domain/attention.ts';
import { attentionLabels } from '../../ui/labels.ts';
import { Figure, Panel } from '../../ui/parts.tsx';

/** How much needs a person, by kind, with links to the list. */
export function NeedsAttention({ counts }: Pick<AttentionFacts, 'counts'>) {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return (
    <Panel title="Needs attention" id="attention">
      {total === 0 ? (
        <p>Nothing needs attention. You're all caught up.</p>
      ) : (
        <dl class="figures">
          {attentionKinds.map((kind) => (
            <Figure
              key={kind}
              name={attentionLabels[kind]}
              n={counts[kind]}
              tone={kind === 'locked' || kind === 'missing' ? 'warn' : 'bad'}
              href={`/attention?${new URLSearchParams({ kind })}`}
            />
          ))}
        </dl>
      )}
    </Panel>
  );
}
