import { Panel, Title } from '../../ui/parts.tsx';
import { adminGuides, type Guide, type HelpSection, texts } from './texts.ts';

/** A guide. `guides` is true where the reader may open the guides of administrators. */
export function GuidePage({ guide, guides, back }: { guide: Guide; guides: boolean; back: boolean }) {
  return (
    <>
      <Title text={guide.title} under={guide.under} {...(back ? { back: { href: '/help', words: texts.back } } : {})} />
      {guide.sections.map((section, n) => (
        <Panel key={section.title} title={section.title} id={`help-${n}`}>
          <Section section={section} />
        </Panel>
      ))}
      {guides && (
        <Panel title={texts.guides} id="guides">
          <ul>
            {Object.entries(adminGuides).map(([name, { title }]) => (
              <li key={name}>
                <a href={`/help/${name}`}>{title}</a>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

function Section({ section }: { section: HelpSection }) {
  const { title, text = [], steps, table, commands, links } = section;
  const codes = commands?.map(({ command, what }) => [<code key={command}>{command}</code>, what]);
  return (
    <>
      {text.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {steps && (
        <ol>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      {table && <Table caption={title} columns={table.columns} rows={table.rows} />}
      {codes && <Table caption={title} columns={[texts.command, texts.what]} rows={codes} />}
      {links && (
        <p class="row">
          {links.map(({ href, words }) => (
            <a key={href} class="button" href={href}>
              {words}
            </a>
          ))}
        </p>
      )}
    </>
  );
}

type Cells = readonly (string | preact.VNode)[];

function Table({ caption, columns, rows }: { caption: string; columns: readonly string[]; rows: readonly Cells[] }) {
  return (
    <table class="table">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((cell, n) => (
              <td key={columns[n]} class={n === 0 ? 'name' : undefined} data-label={columns[n]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
