/** Sheets, notices, status marks, facts, the activity list and the bar chart. */
export const parts = `
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow);
  padding: 1rem clamp(0.875rem, 2vw, 1.25rem); display: grid; gap: 0.875rem; align-content: start; }
.sheet > * { min-width: 0; }
.sheet.filters { display: flex; }
details.sheet { display: block; }
details > summary + * { margin-top: 0.6rem; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); align-items: start; }
.two { display: grid; gap: 1rem; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start; }
@media (max-width: 60rem) { .two { grid-template-columns: minmax(0, 1fr); } }
.notice { border: 1px solid var(--line-strong); border-left-width: 5px; border-radius: 8px; padding: 0.7rem 0.9rem;
  background: var(--sheet); display: grid; gap: 0.35rem; }
.notice.good { border-color: var(--good); background: var(--good-wash); }
.notice.warn { border-color: var(--warn); background: var(--warn-wash); }
.notice.bad { border-color: var(--bad); background: var(--bad-wash); }
.mark { display: inline-flex; align-items: center; gap: 0.35em; padding: 0.1em 0.55em; border-radius: 99px; font-size: 0.8125rem;
  font-weight: 600; background: var(--raised); color: var(--ink); white-space: nowrap; }
.mark::before { content: ""; width: 0.5em; height: 0.5em; border-radius: 50%; background: currentcolor; flex: none; }
.mark.good { background: var(--good-wash); color: var(--good); }
.mark.warn { background: var(--warn-wash); color: var(--warn); }
.mark.bad { background: var(--bad-wash); color: var(--bad); }
.mark.wait { background: var(--accent-wash); color: var(--accent); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.75rem 1rem; }
.facts dt { color: var(--ink-soft); font-size: 0.8125rem; }
.facts dd { margin: 0; }
@media (max-width: 46rem) { .facts { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); } }
.facts .wide { grid-column: 1 / -1; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr)); gap: 0.5rem; }
.figures div { background: var(--raised); border-radius: 8px; padding: 0.5rem 0.65rem; display: flex;
  flex-direction: column-reverse; justify-content: flex-end; }
.figures dt { color: var(--ink-soft); font-size: 0.8125rem; line-height: 1.25; }
.figures dd { margin: 0; font-size: 1.375rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.25; }
.figures .bad dd { color: var(--bad); }
.figures .warn dd { color: var(--warn); }
.line { list-style: none; padding: 0; display: grid; }
.line > li { position: relative; padding: 0 0 0.9rem 1.35rem; border-left: 2px solid var(--line); margin-left: 0.35rem; }
.line > li:last-child { border-color: transparent; padding-bottom: 0; }
.line > li::before { content: ""; position: absolute; left: -0.4rem; top: 0.35rem; width: 0.65rem; height: 0.65rem;
  border-radius: 50%; background: var(--line-strong); border: 2px solid var(--sheet); }
.line > li.good::before { background: var(--good); }
.line > li.warn::before { background: var(--warn); }
.line > li.bad::before { background: var(--bad); }
.line > li.wait::before { background: var(--accent); }
.steps { padding-left: 1.35rem; display: grid; gap: 0.75rem; }
.steps > li::marker { font-weight: 650; color: var(--ink-soft); }
.bars { width: 100%; height: 4.5rem; display: block; }
.bars .saved { fill: var(--bar-saved); }
.bars .held { fill: var(--bar-held); }
.bars .failed { fill: var(--bar-failed); }
.bars .quiet { fill: var(--line); }
.bars .ground { fill: var(--bad-wash); }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.8125rem; color: var(--ink-soft); list-style: none; padding: 0; }
.legend svg { display: inline-block; width: 0.7rem; height: 0.7rem; margin-right: 0.35rem; }
del { color: var(--ink-soft); }
ins { text-decoration: none; font-weight: 600; }
.spin { width: 1em; height: 1em; border: 2px solid var(--line-strong); border-top-color: var(--accent); border-radius: 50%; flex: none; }
.facts.three { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.three dd { font-weight: 650; font-size: 1.0625rem; }
.changes, .plainList, .checks { padding: 0; list-style: none; display: grid; gap: 0.15rem; }
.checks { grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
.checks li::before { content: "✓"; display: inline-block; width: 1.4em; color: var(--good); font-weight: 700; }
.checks .missing::before { content: "✗"; color: var(--bad); }
.checks .missing { font-weight: 600; }
.medium { max-width: 42rem; }
summary { cursor: pointer; font-weight: 600; min-height: 24px; }
figure { margin: 0; }
`;
