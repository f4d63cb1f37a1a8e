import type { ReactNode } from 'react';
import type { Column } from './data-table.tsx';
import { RemovableTable } from './removable-table.tsx';

interface Token<Id> {
  readonly id: Id;
  /** What the token is for. */
  readonly name: string;
}

interface Props<Id extends string | number, Row extends Token<Id>> {
  readonly caption: string;
  readonly tokens: readonly Row[] | undefined;
  /** Columns between the purpose and the delete button. */
  readonly columns: readonly Column<Row>[];
  readonly empty: ReactNode;
  /** What stops working once it is deleted. */
  readonly afterwards: (name: string) => string;
  readonly remove: (id: Id) => Promise<unknown>;
  /** The answers that are outdated once it is deleted. */
  readonly queryKey: readonly string[];
}

/** Tokens of one kind, which can be deleted one by one. */
export function TokenTable<Id extends string | number, Row extends Token<Id>>({
  tokens,
  columns,
  afterwards,
  remove,
  ...shared
}: Props<Id, Row>) {
  return (
    <RemovableTable
      {...shared}
      rows={tokens}
      columns={[{ key: 'name', label: 'For', cell: ({ name }) => name }, ...columns]}
      verb="Delete"
      label={({ name }) => `Delete the token ${name}`}
      question={() => 'Delete the token?'}
      afterwards={({ name }) => afterwards(name)}
      remove={({ id }) => remove(id)}
    />
  );
}
