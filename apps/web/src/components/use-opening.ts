import { type RefObject, useEffect, useRef } from 'react';

let loaded = false;

/**
 * Sets the window's title. The heading with this reference gets the focus when the page opens, so that a screen reader
 * reads it. Not on the first page after the window was loaded: there, keyboard navigation starts with the skip link.
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
