import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';

/** Fewer rows need no filter. */
const FILTER_FROM = 9;

export interface Filtered<Row> {
  /** Rows that contain all words; undefined while they load. */
  readonly rows: readonly Row[] | undefined;
  /** The input for the words; null where there are few rows. */
  readonly field: ReactNode;
  /** Whether the filter hides rows. */
  readonly narrowed: boolean;
}

/** Filters a list by words. `textOf` returns the searchable text of a row. */
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
