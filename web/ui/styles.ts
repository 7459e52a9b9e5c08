import { createHash } from 'node:crypto';
import { base } from './styles/base.ts';
import { colors } from './styles/colors.ts';
import { forms } from './styles/forms.ts';
import { frame } from './styles/frame.ts';
import { parts } from './styles/parts.ts';
import { tables } from './styles/tables.ts';

/** The style sheet of all pages, kept in code so that it is compiled and shipped with the rest. */
export const styleSheet = [colors, base, frame, forms, tables, parts].join('').trimStart();

/** Changes with the style sheet, so that browsers can cache it for a year. */
export const styleVersion = createHash('sha256').update(styleSheet).digest('hex').slice(0, 12);
