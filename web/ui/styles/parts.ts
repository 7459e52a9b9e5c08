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
.axis { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-size: 0.8125rem; color: var(--ink-soft); margin: 0; }
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
.tabs { display: flex; flex-wrap: wrap; gap: 0.5rem; list-style: none; padding: 0; }
.tabs a { display: inline-flex; align-items: center; gap: 0.5rem; min-height: 2.375rem; padding: 0.25rem 0.8rem; border: 1px solid var(--line-strong);
  border-radius: 99px; text-decoration: none; background: var(--sheet); }
.tabs a[aria-current] { background: var(--accent); color: var(--accent-ink); border-color: var(--accent); }
.tabs strong { font-variant-numeric: tabular-nums; }
@media (pointer: coarse), (max-width: 46rem) { .tabs a { min-height: 44px; } }
.calendar { width: 100%; max-width: 40rem; border-collapse: collapse; table-layout: fixed; }
.calendar th { font-size: 0.8125rem; font-weight: 600; color: var(--ink-soft); padding: 0.25rem; }
.calendar td { border: 1px solid var(--line); padding: 0; height: 44px; text-align: center; }
.calendar td a { display: flex; justify-content: center; align-items: center; gap: 0.25rem; min-height: 44px; text-decoration: none; }
.calendar td a:hover { background: var(--accent-wash); }
.calendar td a[aria-current] { background: var(--accent); color: var(--accent-ink); font-weight: 700; }
.calendar .open { color: var(--bad); font-size: 0.75rem; }
.calendar a[aria-current] .open { color: inherit; }
.calendar td a { white-space: nowrap; }
@media (max-width: 30rem) { .calendar td a { gap: 0.1rem; } .calendar td { font-size: 0.875rem; } }
.calendar small { color: var(--ink-soft); }
.calendar a[aria-current] small { color: inherit; }
.trend { width: 100%; max-width: 27rem; display: block; }
.words td { overflow-wrap: break-word; }
.table .number a, .act, .figures a { display: inline-flex; align-items: center; min-width: 24px; min-height: 24px; }
.table .number a { justify-content: flex-end; }
@media (pointer: coarse), (max-width: 46rem) {
  .act, .table .number a { min-height: 44px; }
  .table td.number:has(a) { align-items: center; }
  .table .number a { justify-content: flex-start; }
}
.trend text { fill: var(--ink); font-size: 12px; }
.trend .saved { fill: var(--bar-saved); }
.trend .held { fill: var(--bar-held); }
@media print { .screen { display: none !important; } }
`;

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
button[hidden] { display: none; }
button.quiet { border-color: transparent; background: none; padding-inline: 0.5rem; font-weight: 500; }
button:disabled { color: var(--ink-soft); background: var(--raised); border-color: var(--line); cursor: not-allowed; }
label, .label { display: block; font-size: 0.8125rem; font-weight: 600; color: var(--ink-soft); }
input, select, textarea {
  font: inherit; font-size: max(1rem, 0.9375rem); color: var(--ink); background: var(--sheet); width: 100%;
  min-height: 2.375rem; padding: 0.3rem 0.6rem; border: 1px solid var(--line-strong); border-radius: 6px;
}
input[type="checkbox"], input[type="radio"] { width: 1.15rem; height: 1.15rem; min-height: 0; accent-color: var(--accent); margin: 0; flex: none; }
input[aria-invalid="true"], textarea[aria-invalid="true"] { border-color: var(--bad); border-width: 2px; }
textarea { min-height: 4.5rem; resize: vertical; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
legend { padding: 0; }
.field { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.25rem; min-width: 0; }
.field .help { color: var(--ink-soft); font-size: 0.8125rem; }
.field .wrong, fieldset > .wrong { color: var(--bad); font-size: 0.875rem; font-weight: 600; }
.check { display: inline-flex; align-items: center; gap: 0.5rem; min-height: 2.375rem; font-size: inherit; font-weight: 400;
  color: var(--ink); cursor: pointer; }
/* Folded on a phone alone. Browsers without ::details-content fold it everywhere. */
@media (min-width: 46.01rem) {
  @supports selector(::details-content) {
    .fold > summary { display: none; }
    .fold::details-content { content-visibility: visible; }
  }
}
.bar { position: sticky; bottom: 0; display: flex; gap: 0.75rem; align-items: center; padding: 0.6rem 0; background: var(--ground);
  border-top: 1px solid var(--line); }
.picks { gap: 0.25rem 1.25rem; font-size: 0.875rem; }
.picks a { display: inline-flex; align-items: center; min-height: 2.375rem; }
.picks button { font-size: inherit; padding-inline: 0; }
.filters { display: flex; flex-wrap: wrap; gap: 0.625rem 0.75rem; align-items: end; }
.filters .field { flex: 1 1 9rem; max-width: 16rem; }
.filters .buttons { display: flex; gap: 0.5rem; align-items: center; min-height: 2.375rem; }
.filters .buttons a { display: inline-flex; align-items: center; min-height: 2.375rem; }
@media (pointer: coarse), (max-width: 46rem) {
  .button, button, input, select, .check { min-height: 44px; }
  .pager a, .foot a, .crumb a, .list a, .filters .buttons a, .fold > summary { min-height: 44px; }
}
@media (max-width: 46rem) {
  .filters .field { flex-basis: calc(50% - 0.75rem); max-width: none; }
}
`;

/** Tables that never scroll sideways: on a phone each row becomes a card, with the name of the column before its value. */
export const tables = `
.table { width: 100%; border-collapse: collapse; background: var(--sheet); }
.table caption { text-align: left; padding: 0 0 0.5rem; color: var(--ink-soft); font-size: 0.875rem; }
@media (min-width: 78rem) { .table td.name { min-width: 9rem; } }
.table th { text-align: left; font-size: 0.8125rem; font-weight: 600; color: var(--ink-soft); white-space: nowrap;
  border-bottom: 1px solid var(--line-strong); padding: 0.45rem 0.7rem; vertical-align: bottom; }
.table th a { color: inherit; }
.table th[aria-sort] a { color: var(--ink); }
.table td { padding: 0.45rem 0.7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.table tbody tr:hover, .table tbody tr:has(> .pick input:checked) { background: var(--accent-wash); }
.table tbody tr:has(> .pick input:checked) { box-shadow: inset 4px 0 0 var(--accent); }
.table .number { text-align: right; }
.table th.number { white-space: normal; overflow-wrap: normal; }
.table .pick { width: 2.5rem; }
.table .pick label { display: inline-flex; min-width: 24px; min-height: 24px; align-items: center; }
.table td .soft, .table td small { display: block; font-size: 0.8125rem; }
.table td small { color: var(--ink-soft); }
@media screen { .table td small.inPrint { display: none; } }
.tableSheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; box-shadow: var(--shadow); }
.tableSheet .table tbody tr:last-child td { border-bottom: 0; }
/* So that the bar does not cover the row that has the focus. */
.table a, .table input { scroll-margin-block: 5rem; }
.live { display: grid; gap: 1rem; }
.live > * { min-width: 0; }
.updated { color: var(--ink-soft); font-size: 0.8125rem; }
.pager { display: flex; justify-content: space-between; align-items: center; gap: 1rem; flex-wrap: wrap; }
.empty { padding: 2rem 1rem; text-align: center; color: var(--ink-soft); }
@media screen and (max-width: 46rem) {
  .table, .table tbody, .table tr, .table td { display: block; }
  .table thead { display: none; }
  .table tbody tr { border-bottom: 1px solid var(--line); padding: 0.6rem 0.875rem; }
  .table tbody tr:last-child { border-bottom: 0; }
  .table td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0.25rem 0.75rem; border: 0; padding: 0.2rem 0; }
  .table td::before { content: attr(data-label); color: var(--ink-soft); font-size: 0.8125rem; padding-top: 0.1em; }
  .table td.number { display: inline-grid; width: 49%; grid-template-columns: 5rem minmax(0, 1fr); text-align: left; }
  .table td .mark { justify-self: start; }
  .table td > * { grid-column: 2; }
  .fold > summary { line-height: 44px; }
  .table tbody tr { position: relative; }
  .table td.name { display: block; font-weight: 600; font-size: 1rem; padding-right: 3rem; }
  .table td.name::before, .table td.pick::before { content: none; }
  .table td.name .soft, .table td.name small { font-weight: 400; }
  .table td.name a { display: inline-flex; align-items: center; min-height: 44px; }
  .table td.pick { position: absolute; right: 0.25rem; top: 0.6rem; width: auto; padding: 0; }
  .table td.pick label { min-width: 44px; min-height: 44px; justify-content: center; }
}
/* 320 px: the narrowest phone, or a window of 640 at a zoom of 200 %. */
@media screen and (max-width: 22rem) {
  .table td { grid-template-columns: 5.5rem minmax(0, 1fr); }
  .table td.number { grid-template-columns: 4.25rem minmax(0, 1fr); }
  .mark, .button, button, .table .nowrap { white-space: normal; }
}
`;
