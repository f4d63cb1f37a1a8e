/** Rows of a CSV file with a header (RFC 4180), as records by column. @throws Error when a row has too few or too many cells. */
export function readCsv(text: string): readonly Readonly<Record<string, string>>[] {
  const [header = [], ...rows] = cellsOf(text);
  return rows.map((row, index) => {
    if (row.length !== header.length)
      throw new Error(`row ${index + 1} has ${row.length} cells, the header ${header.length}`);
    return Object.fromEntries(header.map((name, place) => [name, row[place] ?? '']));
  });
}

function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (end === '' && row.length === 0 && !quoted && !plain) break;
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
