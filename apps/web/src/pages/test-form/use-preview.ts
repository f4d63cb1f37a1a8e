import type { TestInput } from '@netsonde/protocol/api';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Preview, previewQuery } from '../../api/preview.ts';
import type { Reading } from './to-input.ts';

/** Time without typing before the server is asked, ms. */
const QUIET_MS = 500;
/** Replaces a name that is not written yet, so that the rest can be checked. */
const NAMELESS = 'New test';

export interface PreviewAnswer {
  /** undefined: not known yet, or the form itself knows the test to be wrong. */
  readonly preview: Preview | undefined;
  /** The newest answer is still pending. */
  readonly pending: boolean;
  /** What the server would refuse, with its fields. */
  readonly error: unknown;
}

/** The server's preview of a test while the user writes it, as soon as the form finds no errors. */
export function usePreview({ input, errors }: Reading): PreviewAnswer {
  const complete = Object.keys(errors).every((path) => path === 'name');
  const text = JSON.stringify({ ...input, name: input.name || NAMELESS });
  const [quiet, setQuiet] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const settled = quiet === text;
  const { data, error, isFetching } = useQuery({
    ...previewQuery(JSON.parse(quiet) as TestInput),
    enabled: complete && settled,
  });
  return {
    preview: complete ? data : undefined,
    pending: complete && (!settled || isFetching),
    error: complete && settled ? error : null,
  };
}
