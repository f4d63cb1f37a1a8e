import { Button } from '@mantine/core';
import { formatValue } from '@netsonde/metrics';
import { type ReactNode, useState } from 'react';
import classes from './data-table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly label: string;
  readonly numeric?: boolean;
  /** Hidden on narrow screens. */
  readonly minor?: boolean;
  /** Contains sentences: the table reserves space for them. */
  readonly wide?: boolean;
  /** On narrow screens: beside the row's name, or below it over the whole width; otherwise a line with the label. */
  readonly place?: 'beside' | 'below';
  /** Share of the width in a steady table, per cent; absent: what the others leave. */
  readonly share?: number;
  readonly cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  /** Describes the table's content to a screen reader. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string | number;
  /** Replaces the table when there are no rows. */
  readonly empty: ReactNode;
  /** There are few enough rows to be drawn at once: the page limits them itself. */
  readonly bounded?: boolean;
  /** In which order rows are, where not all are shown: "newest first". */
  readonly order?: string;
  /** Rows to reserve space for while they are loading. */
  readonly expectedRows?: number;
  /**
   * For rows that change while the user reads them: columns and rows keep their size and position, whatever their
   * content.
   */
  readonly steady?: boolean;
}

/** Rows that are drawn at first, and at each later step. Thousands at once would block the page. */
const STEP_ROWS = 100;

/** A table that becomes a list of labelled cards on a narrow screen. The first column names the row. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  rowKey,
  empty,
  bounded = false,
  order,
  expectedRows = 3,
  steady = false,
}: Props<Row>) {
  const [most, setMost] = useState(bounded ? Number.POSITIVE_INFINITY : STEP_ROWS);
  if (rows !== undefined && rows.length === 0) return empty;
  const hidden = Math.max(0, (rows?.length ?? 0) - most);
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
            rows.slice(0, most).map((row, place) => (
              <tr key={steady ? place : rowKey(row)}>
                {columns.map((column, index) => (
                  <Cell key={column.key} column={column} row={row} naming={index === 0} />
                ))}
              </tr>
            ))
          )}
        </tbody>
      </table>
      {hidden > 0 && (
        <p className={`row ${classes.more}`}>
          <Button size="xs" variant="default" onClick={() => setMost(most + STEP_ROWS)}>
            Show more
          </Button>
          <span className="muted small">
            {formatValue(most)} of {formatValue(rows?.length ?? 0)} rows{order === undefined ? '' : `, ${order}`}
          </span>
        </p>
      )}
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
