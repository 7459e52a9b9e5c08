/**
 * Returns the rules by which phones show the name of the column before each value of a long list. In the style sheet, which
 * browsers keep, and not in each cell, the names make a list smaller by a fifth. They count from the last column: the first may
 * be one of check boxes. A column whose name is null has none.
 */
export function columnRules(columnNames: Readonly<Record<string, readonly (string | null)[]>>): string {
  const rules = Object.entries(columnNames).flatMap(([table, names]) =>
    names.flatMap((name, n) =>
      name === null ? [] : [`  .of-${table} td:nth-last-child(${names.length - n})::before { content: "${name}"; }`],
    ),
  );
  return ['@media screen and (max-width: 46rem) {', ...rules, '}', ''].join('\n');
}
