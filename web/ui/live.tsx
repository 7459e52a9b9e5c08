import type { ComponentChildren } from 'preact';
import { When } from './times.tsx';

/**
 * The part of a page that the script of the pages replaces every 30 seconds while the page is visible. Selected boxes, what is
 * in fields with an id, open details and the focus stay.
 */
export function Live({
  now,
  zone,
  path,
  children,
}: {
  now: Date;
  zone: string;
  path: string;
  children: ComponentChildren;
}) {
  return (
    <div id="live" class="live" data-refresh="">
      {children}
      <p class="updated">
        Updated <When at={now} zone={zone} now={now} />. <a href={path}>Refresh</a>
      </p>
    </div>
  );
}
