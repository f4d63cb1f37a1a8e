import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';

/** From so many rows on there is something to look for. */
const FILTER_FROM = 9;

export interface Filtered<Row> {
  /** Those that hold all the words written; undefined while they are on their way. */
  readonly rows: readonly Row[] | undefined;
  /** Where the words are written; nothing where there are few rows. */
  readonly field: ReactNode;
  /** Whether rows are left out. */
  readonly narrowed: boolean;
}

/** A list that words narrow down. `textOf` gives what a row can be found by. */
export function useFilter<Row>(
  rows: readonly Row[] | undefined,
  textOf: (row: Row) => string,
  label: string,
): Filtered<Row> {
  const [filter, setFilter] = useState('');
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found =
    words.length === 0
      ? rows
      : rows?.filter((row) => {
          const text = textOf(row).toLowerCase();
          return words.every((word) => text.includes(word));
        });
  const field =
    (rows?.length ?? 0) < FILTER_FROM ? null : (
      <TextInput
        size="xs"
        type="search"
        aria-label={label}
        placeholder={label}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
    );
  return { rows: found, field, narrowed: found?.length !== rows?.length };
}
