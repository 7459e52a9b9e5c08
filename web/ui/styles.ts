import { createHash } from 'node:crypto';
import { base } from './styles/base.ts';
import { colours } from './styles/colours.ts';
import { forms } from './styles/forms.ts';
import { frame } from './styles/frame.ts';
import { parts } from './styles/parts.ts';
import { tables } from './styles/tables.ts';

/** The style sheet of all pages. It is code, so that it is compiled and shipped with the rest. */
export const styleSheet = [colours, base, frame, forms, tables, parts].join('').trimStart();

/** Changes with the style sheet, so that browsers may keep it for ever. */
export const styleVersion = createHash('sha256').update(styleSheet).digest('hex').slice(0, 12);
