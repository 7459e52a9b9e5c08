/** The header with its navigation, the main part, the footer. */
export const frame = `
.head { background: var(--sheet); border-bottom: 1px solid var(--line); }
.head > div, .main, .foot > div { max-width: 82rem; margin-inline: auto; padding-inline: clamp(0.75rem, 2.5vw, 1.5rem); }
.head > div { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.25rem; min-height: 3.25rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; min-height: 44px; font-weight: 700; color: var(--ink);
  text-decoration: none; }
.brand:hover { color: var(--accent); }
.brand svg { width: 1.375rem; height: 1.375rem; color: var(--accent); }
.nav { flex: 1 1 auto; }
.nav ul { display: flex; flex-wrap: wrap; list-style: none; padding: 0; gap: 0 0.25rem; }
.nav a { display: flex; align-items: center; min-height: 44px; padding-inline: 0.625rem; color: var(--ink-soft);
  text-decoration: none; border-block: 3px solid transparent; }
.nav a:hover { color: var(--ink); border-bottom-color: var(--line); }
.nav a[aria-current] { color: var(--ink); font-weight: 600; border-bottom-color: var(--accent); }
.who { display: flex; align-items: center; gap: 0.75rem; color: var(--ink-soft); font-size: 0.875rem; }
.who form { margin: 0; }
.main { padding-block: 1.25rem 3rem; display: grid; gap: 1.25rem; align-content: start; min-height: calc(100vh - 8rem); }
.main > * { min-width: 0; }
.main:focus { outline: none; }
.title { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: baseline; justify-content: space-between; }
.title p { color: var(--ink-soft); }
.crumb { font-size: 0.875rem; }
.crumb a { display: inline-flex; min-height: 24px; align-items: center; }
.foot { border-top: 1px solid var(--line); color: var(--ink-soft); font-size: 0.8125rem; }
.foot > div { padding-block: 0.875rem; }
.alone > * { max-width: 26rem; width: 100%; margin-inline: auto; }
.alone { padding-top: clamp(1.25rem, 8vh, 5rem); }
@media (max-width: 46rem) {
  .head > div { justify-content: space-between; padding-top: 0.25rem; }
  .nav { order: 3; flex-basis: 100%; margin-inline: -0.625rem; }
  .nav ul { justify-content: flex-start; }
  .nav a { padding-inline: 0.5rem; }
  .who .role { display: none; }
}
@media print {
  /* The foot stays: its statement accompanies what is printed. */
  .head, .skip, form, .button { display: none !important; }
  body { background: #fff; color: #000; }
}
`;
