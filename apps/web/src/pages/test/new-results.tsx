import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import classes from './test-page.module.css';

const MOST_COUNTED = 999;

/** Announces new results while the list is paused, with a button that shows them. It takes no space. */
export function NewResults({ count, show }: { readonly count: number; readonly show: () => void }) {
  return (
    <>
      <p className="visually-hidden" role="status">
        {count > 0 ? 'New results are available. Use the button above the table.' : ''}
      </p>
      <div className={classes.waiting}>
        {count > 0 && (
          <Button size="xs" radius="xl" leftSection={<IconArrowUp size={14} />} onClick={show}>
            {words(count)}
          </Button>
        )}
      </div>
    </>
  );
}

function words(count: number): string {
  if (count > MOST_COUNTED) return `More than ${MOST_COUNTED} new results`;
  return count === 1 ? '1 new result' : `${count} new results`;
}
