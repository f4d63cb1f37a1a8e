import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { fieldLines } from '../api/api-error.ts';
import classes from './problem-notice.module.css';

interface Props {
  readonly error: unknown;
  readonly retry?: () => void;
  /** More details, one per line. */
  readonly also?: readonly string[];
  /** What the form calls a field of the API. */
  readonly labelOf?: (path: string) => string;
}

/** What went wrong, in the server's words, and a button to try again. */
export function ProblemNotice({ error, retry, also = [], labelOf }: Props) {
  const ofFields = fieldLines(error, labelOf);
  const [first, ...more] = ofFields.length > 0 ? ofFields : [error instanceof Error ? error.message : String(error)];
  return (
    <div role="alert" className={classes.notice}>
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <p>{first}</p>
        {[...more, ...also].map((line) => (
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
