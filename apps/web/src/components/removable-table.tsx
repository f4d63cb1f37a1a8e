import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { queryClient } from '../app/query-client.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { type Column, DataTable } from './data-table.tsx';

interface Props<Row> {
  readonly caption: string;
  readonly rows: readonly Row[] | undefined;
  readonly columns: readonly Column<Row>[];
  readonly empty: ReactNode;
  /** On the buttons: "Delete". */
  readonly verb: string;
  /** The name of one row's button for screen readers: "Delete the token Lyon". */
  readonly label: (row: Row) => string;
  /** What the dialog asks. */
  readonly question: (row: Row) => string;
  /** What happens then, and what is lost. */
  readonly afterwards: (row: Row) => string;
  readonly remove: (row: Row) => Promise<unknown>;
  /** The answers that are outdated then. */
  readonly queryKey: readonly string[];
}

/** A table whose rows can be removed, after a confirmation. */
export function RemovableTable<Row extends { readonly id: string | number }>(props: Props<Row>) {
  const { caption, rows, columns, empty, verb, label, question, afterwards, remove, queryKey } = props;
  const [leaving, setLeaving] = useState<Row | null>(null);
  const confirm = async () => {
    if (leaving !== null) await remove(leaving);
    await queryClient.invalidateQueries({ queryKey });
  };
  const button = (row: Row) => (
    <Button size="xs" variant="default" aria-label={label(row)} onClick={() => setLeaving(row)}>
      {verb}
    </Button>
  );
  return (
    <>
      <DataTable
        caption={caption}
        rows={rows}
        rowKey={({ id }) => id}
        expectedRows={1}
        empty={empty}
        columns={[...columns, { key: 'actions', label: '', numeric: true, cell: button }]}
      />
      <ConfirmDialog
        title={leaving === null ? '' : question(leaving)}
        action={verb}
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={confirm}
      >
        {leaving !== null && afterwards(leaving)}
      </ConfirmDialog>
    </>
  );
}
