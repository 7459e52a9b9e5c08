/** Tables that never scroll sideways: on a phone each row becomes a card, with the name of the column before its value. */
export const tables = `
.table { width: 100%; border-collapse: collapse; background: var(--sheet); }
.table caption { text-align: left; padding: 0 0 0.5rem; color: var(--ink-soft); font-size: 0.875rem; }
.table th { text-align: left; font-size: 0.8125rem; font-weight: 600; color: var(--ink-soft); white-space: nowrap;
  border-bottom: 1px solid var(--line-strong); padding: 0.45rem 0.7rem; vertical-align: bottom; }
.table th a { color: inherit; }
.table th[aria-sort] a { color: var(--ink); }
.table td { padding: 0.45rem 0.7rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.table tbody tr:hover { background: var(--accent-wash); }
.table .number { text-align: right; }
.table .pick { width: 2.5rem; }
.table .pick label { display: inline-flex; min-width: 24px; min-height: 24px; align-items: center; }
.table td .soft { display: block; font-size: 0.8125rem; }
.tableSheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; box-shadow: var(--shadow); }
.tableSheet .table tbody tr:last-child td { border-bottom: 0; }
.pager { display: flex; justify-content: space-between; align-items: center; gap: 1rem; flex-wrap: wrap; }
.empty { padding: 2rem 1rem; text-align: center; color: var(--ink-soft); }
@media (max-width: 46rem) {
  .table, .table tbody, .table tr, .table td { display: block; }
  .table thead { display: none; }
  .table tbody tr { border-bottom: 1px solid var(--line); padding: 0.6rem 0.875rem; }
  .table tbody tr:last-child { border-bottom: 0; }
  .table td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0.25rem 0.75rem; border: 0; padding: 0.2rem 0; }
  .table td::before { content: attr(data-label); color: var(--ink-soft); font-size: 0.8125rem; padding-top: 0.1em; }
  .table td.number { display: inline-grid; width: 49%; grid-template-columns: 5rem minmax(0, 1fr); text-align: left; }
  .table td .mark { justify-self: start; }
  .table td > * { grid-column: 2; }
  .table tbody tr { position: relative; }
  .table td.name { display: block; font-weight: 600; font-size: 1rem; padding-right: 3rem; }
  .table td.name::before, .table td.pick::before { content: none; }
  .table td.name .soft { font-weight: 400; }
  .table td.name a { display: inline-flex; align-items: center; min-height: 44px; }
  .table td.pick { position: absolute; right: 0.25rem; top: 0.6rem; width: auto; padding: 0; }
  .table td.pick label { min-width: 44px; min-height: 44px; justify-content: center; }
}
`;
