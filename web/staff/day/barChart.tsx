import { trendTexts } from './texts.ts';

/** About the width of a phone, so that the texts keep their size there. */
const [WIDTH, LABEL, VALUE, BAR, GAP] = [360, 160, 92, 13, 9];
const ROOM = WIDTH - LABEL - VALUE;
/** As many characters as the room for a label has also in a wide font. */
const LABEL_LENGTH = 20;

interface ChartRow {
  label: string;
  /** One for each series; null where there is nothing to draw. */
  values: readonly (number | null)[];
  /** The same in words. */
  texts: readonly string[];
}

interface BarChartProps {
  id: string;
  title: string;
  /** What the chart shows, for those who do not see it. */
  description: string;
  /** The name of the rows, for the table. */
  of: string;
  series: readonly string[];
  rows: readonly ChartRow[];
}

const fills = ['saved', 'held'] as const;

/** Horizontal bars, drawn on the server, with a table that says the same. */
export function BarChart({ id, title, description, of, series, rows }: BarChartProps) {
  const highest = Math.max(...rows.flatMap(({ values }) => values.map((value) => value ?? 0)), Number.MIN_VALUE);
  const rowHeight = series.length * BAR + GAP;
  return (
    <figure class="stack tight">
      <figcaption>
        <h3>{title}</h3>
        {series.length > 1 && (
          <ul class="legend">
            {series.map((name, n) => (
              <li key={name}>
                <svg class="trend" viewBox="0 0 10 10" aria-hidden="true">
                  <rect class={fills[n]} width="10" height="10" rx="2" />
                </svg>
                {name}
              </li>
            ))}
          </ul>
        )}
      </figcaption>
      <svg
        class="trend"
        viewBox={`0 0 ${WIDTH} ${Math.max(rows.length, 1) * rowHeight}`}
        role="img"
        aria-labelledby={`${id}-title ${id}-text`}
      >
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-text`}>{description}</desc>
        {rows.map(({ label, values, texts }, row) => (
          <g key={label}>
            <text x={LABEL - 8} y={row * rowHeight + (series.length * BAR) / 2 + 4} text-anchor="end">
              {label.length > LABEL_LENGTH ? `${label.slice(0, LABEL_LENGTH - 1)}…` : label}
            </text>
            {values.map((value, n) => {
              const y = row * rowHeight + n * BAR;
              const width = value === null ? 0 : Math.max((value / highest) * ROOM, value > 0 ? 2 : 0);
              return (
                <g key={series[n]}>
                  <rect class={fills[n]} x={LABEL} y={y} width={width} height={BAR - 2} rx="2" />
                  <text x={LABEL + width + 6} y={y + BAR - 3}>
                    {texts[n]}
                  </text>
                </g>
              );
            })}
          </g>
        ))}
      </svg>
      <details>
        <summary>{trendTexts.asTable}</summary>
        <table class="table">
          <caption class="hidden">{title}</caption>
          <thead>
            <tr>
              <th scope="col">{of}</th>
              {series.map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ label, texts }) => (
              <tr key={label}>
                <td data-label={of}>{label}</td>
                {series.map((name, n) => (
                  <td key={name} class="number" data-label={name}>
                    {texts[n]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
