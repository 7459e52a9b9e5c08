import type { ConnectionReport } from '../../../connection/report.ts';
import { Notice, Title, Token } from '../../ui/parts.tsx';
import { Report } from './report.tsx';
import { formTexts } from './texts.ts';

interface TestedProps {
  name: string;
  tested: ConnectionReport;
  /** What was entered, encrypted, so that it can be stored by the next step; null where KIPU did not accept it. */
  draft: string | null;
  csrf: string;
}

/** The second step: the result of the test. */
export function TestedPage({ name, tested, draft, csrf }: TestedProps) {
  return (
    <div class="stack">
      <Title
        text="Test result"
        under={formTexts.tested.under(name)}
        back={{ href: '/connections/add', words: formTexts.tested.back }}
      />
      {tested.usable ? (
        <div class="notice good" role="status">
          {formTexts.tested.accepted}
        </div>
      ) : (
        <Notice tone="bad" alert>
          {formTexts.tested.refused}
        </Notice>
      )}
      {draft !== null && (
        <form class="sheet stack" method="post" action="/connections/add">
          <Token csrf={csrf} />
          <input type="hidden" name="name" value={name} />
          <input type="hidden" name="draft" value={draft} />
          {tested.firstRun.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          <div class="row">
            <button class="first" type="submit">
              {formTexts.tested.add(name)}
            </button>
            <a class="button" href="/connections">
              Cancel
            </a>
          </div>
        </form>
      )}
      <Report tested={tested} />
    </div>
  );
}
