import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A window over the page. The page's policy forbids inline styles, so there is no scroll lock, which would need one. */
export function Dialog({ title, opened, onClose, children }: Props) {
  return (
    <Modal
      title={title}
      opened={opened}
      onClose={onClose}
      size="lg"
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
      transitionProps={{ duration: 120 }}
    >
      <div className="stack">{children}</div>
    </Modal>
  );
}
