/**
 * Printing: landscape, without controls, and with who printed it. It comes last, so that it replaces what is for the screen. An
 * element of the class `noPrint` is left out.
 */
export const print = `
@media print {
  @page { size: landscape; margin: 12mm; }
  :root { color-scheme: light; --ground: #fff; --sheet: #fff; --ink: #000; --ink-soft: #333; --accent: #000; }
  /* The foot stays: its statement accompanies what is printed. */
  .head, .skip, .filters, .fold, .bar, .pager, .updated, .noPrint, dialog, .pick, button, .button, input, select, textarea {
    display: none !important;
  }
  /* Text of 9 points: sizes are multiples of this one. */
  html { font-size: 9.6pt; overflow: visible; }
  body { background: #fff; color: #000; overflow-wrap: break-word; }
  a { color: inherit; text-decoration: none; }
  .main, .head > div, .foot > div { max-width: none; padding-inline: 0; }
  .main { display: block; min-height: 0; padding-block: 0 4mm; }
  .main > * { margin-bottom: 3mm; }
  .table td small.inPrint { display: block; }
  .printed { display: block; margin: 0 0 3mm; font-weight: 600; }
  .sheet { padding: 0; border: 0; box-shadow: none; gap: 2mm; }
  .tableSheet { border: 0; border-radius: 0; overflow: visible; box-shadow: none; }
  .table th, .table td { padding: 1mm 2mm 1mm 0; border-bottom: 0.5pt solid #999; hyphens: none; overflow-wrap: normal; }
  .table th { white-space: normal; }
  /* The kinds of a list stay, as text: they say which of them is printed. */
  .tabs a { min-height: 0; padding: 0; border: 0; background: none !important; color: #000 !important; }
  .tabs a[aria-current] { font-weight: 700; }
  /* Rows with much text are lower. */
  .words .soft, .words small { display: inline !important; }
  .words .soft::before, .words small::before { content: " · "; }
  .words br, .act { display: none !important; }
  .words .mark { margin-right: 1mm; }
  .table thead { display: table-header-group; }
  .table tr { break-inside: avoid; box-shadow: none !important; }
  .mark { padding: 0; background: none !important; color: #000 !important; white-space: normal; }
  .mark::before { content: none; }
}
`;
