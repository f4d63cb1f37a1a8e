import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './copy-line.module.css';

const SHOWN_MS = 1500;

/** A text to copy, such as a command or a secret. It is selected when it gets the focus, and a button copies it. */
export function CopyLine({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const copy = async () => {
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setCopied(done ?? false);
    setTimeout(() => setCopied(null), SHOWN_MS);
  };
  return (
    <div className={classes.line}>
      <textarea
        readOnly
        aria-label={label}
        className="mono"
        value={text}
        rows={1}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button
        size="xs"
        variant="default"
        leftSection={copied === true ? <IconCheck size={14} /> : <IconCopy size={14} />}
        onClick={() => void copy()}
      >
        {copied === null ? 'Copy' : copied ? 'Copied' : 'Select and copy'}
      </Button>
    </div>
  );
}
