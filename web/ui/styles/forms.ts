/** Buttons, fields and filters. Text in fields is at least 16 px: phones zoom into smaller fields. */
export const forms = `
.button, button {
  display: inline-flex; align-items: center; justify-content: center; gap: 0.4rem; min-height: 2.375rem;
  padding: 0.35rem 0.95rem; font: inherit; font-weight: 600; cursor: pointer; text-decoration: none; white-space: nowrap;
  color: var(--accent); background: var(--sheet); border: 1px solid var(--line-strong); border-radius: 6px;
}
.button:hover, button:hover { color: var(--accent-hover); border-color: var(--accent); background: var(--accent-wash); }
.button.first, button.first { color: var(--accent-ink); background: var(--accent); border-color: var(--accent); }
.button.first:hover, button.first:hover { background: var(--accent-hover); border-color: var(--accent-hover); }
button.quiet { border-color: transparent; background: none; padding-inline: 0.5rem; font-weight: 500; }
button:disabled { color: var(--ink-soft); background: var(--raised); border-color: var(--line); cursor: not-allowed; }
label, .label { display: block; font-size: 0.8125rem; font-weight: 600; color: var(--ink-soft); }
input, select, textarea {
  font: inherit; font-size: max(1rem, 0.9375rem); color: var(--ink); background: var(--sheet); width: 100%;
  min-height: 2.375rem; padding: 0.3rem 0.6rem; border: 1px solid var(--line-strong); border-radius: 6px;
}
input[type="checkbox"], input[type="radio"] { width: 1.15rem; height: 1.15rem; min-height: 0; accent-color: var(--accent); margin: 0; }
input[aria-invalid="true"], textarea[aria-invalid="true"] { border-color: var(--bad); border-width: 2px; }
textarea { min-height: 4.5rem; resize: vertical; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; }
.field { display: grid; gap: 0.25rem; min-width: 0; }
.field .help { color: var(--ink-soft); font-size: 0.8125rem; }
.field .wrong { color: var(--bad); font-size: 0.875rem; font-weight: 600; }
.check { display: inline-flex; align-items: center; gap: 0.5rem; min-height: 2.375rem; font-size: inherit; font-weight: 400;
  color: var(--ink); cursor: pointer; }
.filters { display: flex; flex-wrap: wrap; gap: 0.625rem 0.75rem; align-items: end; }
.filters .field { flex: 1 1 9rem; max-width: 16rem; }
.filters .buttons { display: flex; gap: 0.5rem; align-items: center; min-height: 2.375rem; }
.filters .buttons a { display: inline-flex; align-items: center; min-height: 2.375rem; }
@media (pointer: coarse), (max-width: 46rem) {
  .button, button, input, select, .check { min-height: 44px; }
  .pager a, .foot a, .crumb a, .list a, .filters .buttons a { min-height: 44px; }
}
@media (max-width: 46rem) {
  .filters .field { flex-basis: calc(50% - 0.75rem); max-width: none; }
}
`;
