import type { ComponentChildren } from 'preact';
import type { Label, Tone } from './labels.ts';

/** A status as a colored word. */
export function Mark({ label: { text, tone } }: { label: Label }) {
  return <span class={`mark ${tone}`}>{text}</span>;
}

export function Notice({ tone, children, alert }: { tone: Tone; children: ComponentChildren; alert?: boolean }) {
  return (
    <div class={`notice ${tone}`} role={alert ? 'alert' : undefined}>
      {children}
    </div>
  );
}

/** What is wrong with a form, which its fields name as their description; nothing where nothing is. */
export function Problem({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p class="notice bad" id="problem" role="alert">
      {text}
    </p>
  );
}

/** The heading of a page with a line below it; the children are shown on its right. */
export function Title({ text, under, back, children }: TitleProps) {
  return (
    <div class="title">
      <div>
        {back && (
          <p class="crumb">
            <a href={back.href}>{back.words}</a>
          </p>
        )}
        <h1>
          <bdi>{text}</bdi>
        </h1>
        {under !== undefined && <p>{under}</p>}
      </div>
      {children}
    </div>
  );
}

interface TitleProps {
  text: string;
  under?: string;
  /** The link to the page above this one. */
  back?: { href: string; words: string };
  children?: ComponentChildren;
}

export function Panel({ title, id, children }: { title: string; id: string; children: ComponentChildren }) {
  return (
    <section class="sheet" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

/** A named value, for use in a `dl`. */
export function Fact({ name, children, wide }: { name: string; children: ComponentChildren; wide?: boolean }) {
  return (
    <div class={wide ? 'wide' : undefined}>
      <dt>{name}</dt>
      <dd>{children ?? <span class="soft">none</span>}</dd>
    </div>
  );
}

/** A count with its name, for use in a `dl`. With `href` it links to what it counts, unless that is nothing. */
export function Figure({ name, n, tone, href }: { name: string; n: number; tone?: Tone; href?: string }) {
  const count = n.toLocaleString('en-US');
  return (
    <div class={tone !== undefined && n > 0 ? tone : undefined}>
      <dt>{name}</dt>
      <dd>{href === undefined || n === 0 ? count : <a href={href}>{count}</a>}</dd>
    </div>
  );
}

/** The CSRF token that every form has to send. */
export function Token({ csrf }: { csrf: string }) {
  return <input type="hidden" name="_csrf" value={csrf} />;
}

/**
 * Links to the next page, which starts after `after`, and to the first page. With `trail`, the starts of the pages before this
 * one, it links to the previous page too.
 */
export function Pager({ path, query, after, first, start, trail }: PagerProps) {
  if (after === null && first) return null;
  const to = (from: string | undefined, before: readonly string[]) =>
    address(
      path,
      new URLSearchParams({
        ...query,
        ...(from === undefined ? {} : { after: from }),
        ...(before.length === 0 ? {} : { trail: before.join('.') }),
      }),
    );
  const before = start === undefined ? [] : [...(trail ?? []), start];
  return (
    <nav class="pager" aria-label="Pages">
      {first ? (
        <span />
      ) : (
        <span class="row">
          <a class="button" href={to(undefined, [])}>
            First page
          </a>
          {trail !== undefined && (
            <a class="button" rel="prev" href={to(trail.at(-1), trail.slice(0, -1))}>
              Previous page
            </a>
          )}
        </span>
      )}
      {after === null ? (
        <span class="soft">End of the list</span>
      ) : (
        <a class="button" rel="next" href={to(after, trail === undefined ? [] : before.slice(-MAX_TRAIL))}>
          Next page
        </a>
      )}
    </nav>
  );
}

/** The most pages that an address remembers, so that it stays short. */
const MAX_TRAIL = 40;

interface PagerProps {
  path: string;
  query: Readonly<Record<string, string>>;
  /** An id; null on the last page. */
  after: string | null;
  first: boolean;
  /** Where this page starts; absent on the first. */
  start?: string | undefined;
  trail?: readonly string[];
}

/** Returns the part of a query string that says where in a list a page is, for the address of that very page. */
export function positionOf(after: string | undefined, trail: readonly string[]): Record<string, string> {
  return {
    ...(after === undefined ? {} : { after }),
    ...(trail.length === 0 ? {} : { trail: trail.join('.') }),
  };
}

/** Returns a path with its query string, if there is one. */
export function address(path: string, query: URLSearchParams): string {
  return query.size === 0 ? path : `${path}?${query}`;
}
