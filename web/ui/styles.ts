import { createHash } from 'node:crypto';
import { columnNames } from './labels.ts';
import { columnRules } from './styles/columns.ts';
import { base, colors, frame } from './styles/page.ts';
import { forms, parts, tables } from './styles/parts.ts';
import { print } from './styles/print.ts';

/** The style sheet of all pages, kept in code so that it is compiled and shipped with the rest. */
export const styleSheet = [colors, base, frame, forms, tables, columnRules(columnNames), parts, print]
  .join('')
  .trimStart();

/** Changes with the style sheet, so that browsers can cache it for a year. */
export const styleVersion = createHash('sha256').update(styleSheet).digest('hex').slice(0, 12);
