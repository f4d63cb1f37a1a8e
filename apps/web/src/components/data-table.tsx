import type { ReactNode } from 'react';
import classes from './data-table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly numeric?: boolean;
  /** Left out of narrow screens. */
  readonly minor?: boolean;
  /** Holds sentences: keeps room for them where there is a row of columns. */
  readonly wide?: boolean;
  /** On narrow screens: beside the row's name, or below it over the whole width; otherwise a line with the label. */
  readonly place?: 'beside' | 'below';
  /** Share of the width in a steady table, per cent; absent: what the others leave. */
  readonly share?: number;
  readonly cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  /** Says to a screen reader what the table holds. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string | number;
  /** Shown in place of the table when there are no rows. */
  readonly empty: ReactNode;
  /** Rows to keep room for while they are on their way. */
  readonly expectedRows?: number;
  /** For rows that come and go while one looks: columns and rows keep their size and place, whatever they hold. */
  readonly steady?: boolean;
}

/** A table that becomes a list of labelled cards on a narrow screen. The first column names the row. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  rowKey,
  empty,
  expectedRows = 3,
  steady = false,
}: Props<Row>) {
  if (rows !== undefined && rows.length === 0) return empty;
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-busy={rows === undefined} data-steady={steady}>
        <caption className="visually-hidden">{caption}</caption>
        {steady && <Shares columns={columns} />}
        <thead>
          <tr>
            {columns.map(({ key, label, numeric }) => (
              <th key={key} scope="col" data-numeric={numeric}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined ? (
            <WaitingRows count={expectedRows} columns={columns.length} />
          ) : (
            rows.map((row, place) => (
              <tr key={steady ? place : rowKey(row)}>
                {columns.map((column, index) => (
                  <Cell key={column.key} column={column} row={row} naming={index === 0} />
                ))}
              </tr>
            ))
          )}
        </tbody>
      </table>
    </div>
  );
}

function Shares<Row>({ columns }: Pick<Props<Row>, 'columns'>) {
  return (
    <colgroup>
      {columns.map(({ key, share }) => (
        <col key={key} style={share === undefined ? {} : { width: `${share}%` }} />
      ))}
    </colgroup>
  );
}

interface CellProps<Row> {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly naming: boolean;
}

function Cell<Row>({ column: { label, numeric, minor, wide, place, cell }, row, naming }: CellProps<Row>) {
  const shared = {
    'data-label': label,
    'data-numeric': numeric,
    'data-minor': minor,
    'data-wide': wide,
    'data-place': place,
  };
  return naming ? (
    <th scope="row" {...shared}>
      {cell(row)}
    </th>
  ) : (
    <td {...shared}>{cell(row)}</td>
  );
}

function WaitingRows({ count, columns }: { readonly count: number; readonly columns: number }) {
  return Array.from({ length: count }, (_, row) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
    <tr key={row}>
      <td colSpan={columns}>
        <span className={classes.wait} />
      </td>
    </tr>
  ));
}
