import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import classes from './test-page.module.css';

const MOST_COUNTED = 999;

/** Says that results wait while the list stands still, and shows them; takes no room of its own. */
export function NewResults({ count, show }: { readonly count: number; readonly show: () => void }) {
  return (
    <>
      <p className="visually-hidden" role="status">
        {count > 0 ? 'New results have come: the button before the table shows them.' : ''}
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
