import { type RefObject, useEffect, useRef } from 'react';

let loaded = false;

/**
 * Names the page in the window's title. The heading that gets the reference takes the focus when the page opens, so that
 * it is read aloud; not on the first page after the window was loaded: there the way round begins with the skip link.
 */
export function useOpening(title: string): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Netsonde`;
  }, [title]);
  useEffect(() => {
    if (loaded) heading.current?.focus({ preventScroll: true });
    loaded = true;
  }, []);
  return heading;
}
