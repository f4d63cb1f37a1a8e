import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { queryClient } from '../app/query-client.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { type Column, DataTable } from './data-table.tsx';

interface Token<Id> {
  readonly id: Id;
  /** What it is for. */
  readonly name: string;
}

interface Props<Id extends string | number, Row extends Token<Id>> {
  readonly caption: string;
  readonly tokens: readonly Row[] | undefined;
  /** Between what it is for and the button that deletes it. */
  readonly columns: readonly Column<Row>[];
  readonly empty: ReactNode;
  /** What no longer works once it is deleted. */
  readonly afterwards: (name: string) => string;
  readonly remove: (id: Id) => Promise<unknown>;
  /** Which answers are old once it is deleted. */
  readonly queryKey: readonly string[];
}

/** Tokens of one kind, each of which can be deleted. */
export function TokenTable<Id extends string | number, Row extends Token<Id>>({
  caption,
  tokens,
  columns,
  empty,
  afterwards,
  remove,
  queryKey,
}: Props<Id, Row>) {
  const [leaving, setLeaving] = useState<Row | null>(null);
  const confirm = async () => {
    if (leaving !== null) await remove(leaving.id);
    await queryClient.invalidateQueries({ queryKey });
  };
  return (
    <>
      <DataTable
        caption={caption}
        rows={tokens}
        rowKey={({ id }) => id}
        expectedRows={1}
        empty={empty}
        columns={[
          { key: 'name', label: 'For', cell: ({ name }) => name },
          ...columns,
          { key: 'actions', label: '', numeric: true, cell: (row) => <DeleteButton row={row} ask={setLeaving} /> },
        ]}
      />
      <ConfirmDialog
        title="Delete the token?"
        action="Delete"
        opened={leaving !== null}
        onClose={() => setLeaving(null)}
        onConfirm={confirm}
      >
        {leaving !== null && afterwards(leaving.name)}
      </ConfirmDialog>
    </>
  );
}

function DeleteButton<Row extends Token<unknown>>({
  row,
  ask,
}: {
  readonly row: Row;
  readonly ask: (row: Row) => void;
}) {
  return (
    <Button size="xs" variant="default" aria-label={`Delete the token ${row.name}`} onClick={() => ask(row)}>
      Delete
    </Button>
  );
}
