import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import classes from './problem-notice.module.css';

interface Props {
  readonly error: unknown;
  readonly retry?: () => void;
  /** More details, one per line. */
  readonly also?: readonly string[];
}

/** What went wrong, in the server's words, and a button to try again. */
export function ProblemNotice({ error, retry, also = [] }: Props) {
  return (
    <div role="alert" className={classes.notice}>
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <p>{error instanceof Error ? error.message : String(error)}</p>
        {also.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {retry !== undefined && (
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}
