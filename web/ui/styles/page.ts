/** One accent color and grays; red, amber and green always come with a word that says the same. */
export const colors = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8;
  --sheet: #ffffff;
  --raised: #eef1f4;
  --line: #d5dbe1;
  --line-strong: #7b8794;
  --ink: #17212b;
  --ink-soft: #4d5a67;
  --accent: #0b5f84;
  --accent-ink: #ffffff;
  --accent-hover: #084b69;
  --accent-wash: #e4f0f6;
  --good: #1b6e3c;
  --good-wash: #e3f4e9;
  --warn: #7d4f00;
  --warn-wash: #fdf1d8;
  --bad: #ab1f1f;
  --bad-wash: #fdeaea;
  --bar-saved: #4d8fb0;
  --bar-held: #d29a2e;
  --bar-failed: #c93636;
  --shadow: 0 1px 2px rgb(20 30 40 / 8%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12171c;
    --sheet: #1a2128;
    --raised: #232c35;
    --line: #323d48;
    --line-strong: #7c8a98;
    --ink: #e6ebf0;
    --ink-soft: #a9b5c0;
    --accent: #7cc3e6;
    --accent-ink: #0b1a23;
    --accent-hover: #a3d6ef;
    --accent-wash: #1b3340;
    --good: #7fd39c;
    --good-wash: #17301f;
    --warn: #efc267;
    --warn-wash: #372a10;
    --bad: #ff9b94;
    --bad-wash: #3d1c1c;
    --bar-saved: #5fa8cc;
    --bar-held: #d9a740;
    --bar-failed: #ec6a63;
    --shadow: none;
  }
}
`;

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
.nowrap { white-space: nowrap; }
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

/** The header with its navigation, the main part, the footer. */
export const frame = `
.head { background: var(--sheet); border-bottom: 1px solid var(--line); }
.head > div, .main, .foot > div { max-width: 82rem; margin-inline: auto; padding-inline: clamp(0.75rem, 2.5vw, 1.5rem); }
.head > div { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.25rem; min-height: 3.25rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; min-height: 44px; font-weight: 700; color: var(--ink);
  text-decoration: none; }
.brand:hover { color: var(--accent); }
.brand svg { width: 1.375rem; height: 1.375rem; color: var(--accent); }
.nav { flex-basis: 100%; margin-inline: -0.625rem; }
.nav ul { display: flex; flex-wrap: wrap; list-style: none; padding: 0; gap: 0 0.25rem; }
.nav a { display: flex; align-items: center; min-height: 44px; padding-inline: 0.625rem; color: var(--ink-soft);
  text-decoration: none; border-block: 3px solid transparent; }
.nav a:hover { color: var(--ink); }
.nav a[aria-current] { color: var(--ink); font-weight: 600; }
.nav li { display: flex; align-items: center; }
.nav li:has(a:hover) { box-shadow: inset 0 -3px var(--line); }
.nav li:has(a[aria-current]) { box-shadow: inset 0 -3px var(--accent); }
.count { min-width: 1.35rem; margin-left: -0.3rem; margin-right: 0.25rem; padding: 0 0.35rem; border-radius: 99px; text-align: center;
  font-size: 0.75rem; font-weight: 700; line-height: 1.35rem; color: var(--warn); background: var(--warn-wash);
  font-variant-numeric: tabular-nums; }
.banner { padding: 0.6rem clamp(0.75rem, 2.5vw, 1.5rem); background: var(--bad-wash); color: var(--ink); font-weight: 600;
  border-bottom: 2px solid var(--bad); text-align: center; }
.find { flex: 1; min-width: 0; }
.find form { display: flex; gap: 0.375rem; margin: 0; max-width: 26rem; }
.find input { flex: 1; width: auto; min-width: 0; }
.who { display: flex; align-items: center; gap: 0.75rem; color: var(--ink-soft); font-size: 0.875rem; }
.who a { display: inline-flex; align-items: center; min-height: 44px; white-space: pre; color: inherit; }
.who form { margin: 0; }
.main { padding-block: 1.25rem 3rem; display: grid; gap: 1.25rem; align-content: start; min-height: calc(100vh - 8rem); }
.main > * { min-width: 0; }
dialog { width: min(30rem, calc(100vw - 2rem)); padding: 1.25rem; color: var(--ink); background: var(--sheet);
  border: 1px solid var(--line-strong); border-radius: 10px; }
dialog::backdrop { background: rgb(10 15 20 / 60%); }
.keys { display: grid; gap: 0.35rem; }
.keys div { display: grid; grid-template-columns: 4.5rem 1fr; align-items: baseline; }
.keys dd { margin: 0; }
kbd { font: 0.85em ui-monospace, Menlo, Consolas, monospace; padding: 0.1em 0.5em; border: 1px solid var(--line-strong);
  border-bottom-width: 2px; border-radius: 4px; background: var(--raised); }
.main:focus { outline: none; }
.title { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: baseline; justify-content: space-between; }
.title > :first-child { margin-right: auto; }
.title p { color: var(--ink-soft); }
.crumb { font-size: 0.875rem; }
.crumb a { display: inline-flex; min-height: 24px; align-items: center; }
.foot { border-top: 1px solid var(--line); color: var(--ink-soft); font-size: 0.8125rem; }
.foot > div { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: baseline; padding-block: 0.875rem; }
.foot p { margin: 0 auto 0 0; }
.alone > * { max-width: 26rem; width: 100%; margin-inline: auto; }
.alone { padding-top: clamp(1.25rem, 8vh, 5rem); }
@media (max-width: 46rem) {
  .head > div { justify-content: space-between; padding-top: 0.25rem; }
  .nav { order: 3; }
  .nav ul { justify-content: flex-start; }
  .nav a { padding-inline: 0.5rem; }
  .who .role { display: none; }
  .find { order: 2; flex-basis: 100%; }
  .find form { max-width: none; }
}
.printed { display: none; }
@media (max-width: 46rem) {
  .title h1 { font-size: 1.25rem; }
}
`;
