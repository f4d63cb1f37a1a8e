import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { ProblemNotice } from './problem-notice.tsx';

interface Props {
  readonly title: string;
  /** What happens, and what is lost. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** Nothing is lost: the dialog only says what will happen. */
  readonly harmless?: boolean;
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks for confirmation before something that cannot be undone, or that changes more than is visible. */
export function ConfirmDialog({ title, children, action, opened, onClose, harmless = false, onConfirm }: Props) {
  const doing = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  return (
    <Dialog title={title} opened={opened} onClose={onClose}>
      <div>{children}</div>
      {doing.isError && <ProblemNotice error={doing.error} />}
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button {...(harmless ? {} : { color: 'red' })} loading={doing.isPending} onClick={() => doing.mutate()}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
