import type { ComponentChildren } from 'preact';
import { When } from './times.tsx';

/**
 * The part of a list that the script of the pages replaces every 30 seconds while the page is visible. Selected boxes, open
 * details and the focus stay. Fields for typing belong outside of it.
 */
export function Live({ now, path, children }: { now: Date; path: string; children: ComponentChildren }) {
  return (
    <div id="live" class="live" data-refresh="">
      {children}
      <p class="updated">
        Updated <When at={now} now={now} />. <a href={path}>Refresh</a>
      </p>
    </div>
  );
}
