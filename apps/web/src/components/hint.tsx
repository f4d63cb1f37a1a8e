import { Popover, UnstyledButton } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import classes from './hint.module.css';

interface Props {
  /** One sentence per line. Empty: nothing to explain. */
  readonly text: string;
  readonly children: ReactNode;
}

/** Something with an explanation that a mouse shows on hover, and a key press or a touch on a line of its own. */
export function Hint({ text, children }: Props) {
  const [opened, setOpened] = useState(false);
  if (text === '') return children;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="md" transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <UnstyledButton
          className={classes.hint ?? ''}
          title={text}
          onClick={() => setOpened(!opened)}
          onKeyDown={({ key }) => key === 'Escape' && setOpened(false)}
        >
          {children}
          <span className="visually-hidden">: why?</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.words ?? ''}>{text}</Popover.Dropdown>
    </Popover>
  );
}
