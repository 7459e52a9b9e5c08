/** Text, links, focus, and the smallest parts. */
export const base = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; overflow-y: scroll; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--ink);
  font: 0.9375rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3 { line-height: 1.2; margin: 0; text-wrap: balance; }
h1 { font-size: 1.5rem; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 1.0625rem; font-weight: 650; }
h3 { font-size: 0.9375rem; font-weight: 650; }
p, ul, ol, dl { margin: 0; }
a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 0.07em; }
a:hover { color: var(--accent-hover); text-decoration-thickness: 0.12em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
time, .number { font-variant-numeric: tabular-nums; }
time { white-space: nowrap; }
code, .code {
  font: 0.85em/1.5 ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, monospace;
  background: var(--raised);
  border: 1px solid var(--line);
  border-radius: 4px;
  padding: 0.1em 0.35em;
  overflow-wrap: anywhere;
}
.code { display: block; padding: 0.6em 0.75em; user-select: all; }
.soft { color: var(--ink-soft); }
.small { font-size: 0.8125rem; }
.hidden {
  position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0;
}
.skip { position: absolute; left: 0.5rem; top: -4rem; z-index: 9; padding: 0.75rem 1rem;
  background: var(--accent); color: var(--accent-ink); border-radius: 6px; }
.skip:focus { top: 0.5rem; color: var(--accent-ink); }
.stack { display: grid; gap: 1rem; align-content: start; }
.stack > * { min-width: 0; }
.tight { gap: 0.5rem; }
.row { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
.apart { justify-content: space-between; }
@media (prefers-reduced-motion: no-preference) {
  .skip { transition: top 0.12s; }
  .turning { animation: turning 1s linear infinite; }
  @keyframes turning { to { transform: rotate(1turn); } }
}
`;
