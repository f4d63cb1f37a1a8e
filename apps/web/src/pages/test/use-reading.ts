import { type FocusEvent, type RefObject, useEffect, useRef, useState } from 'react';

/** All of the page but what is above the lower edge of the view bar: also a jump past the screen is noticed. */
const ALL_BUT_ABOVE = '-64px 0px 1000000px 0px';

interface Reading {
  /** Somebody has the pointer or the keyboard in the part, or has scrolled into it. */
  readonly reading: boolean;
  readonly scrolledInto: boolean;
  /** For an element without a height, where the part begins. */
  readonly top: RefObject<HTMLDivElement | null>;
  /** For the part itself. */
  readonly part: {
    readonly ref: RefObject<HTMLElement | null>;
    onFocus(event: FocusEvent): void;
    onBlur(event: FocusEvent): void;
  };
}

/** Tells whether a part of the page is being read, so that nothing in it should move. */
export function useReading(): Reading {
  const ref = useRef<HTMLElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(false);
  const hovered = useHovered(ref);
  const scrolledInto = useScrolledPast(top);
  return {
    reading: hovered || focused || scrolledInto,
    scrolledInto,
    top,
    part: {
      ref,
      // After a click the pointer tells: the focus that it leaves behind does not.
      onFocus: ({ target }) => setFocused(target.matches(':focus-visible')),
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setFocused(false);
      },
    },
  };
}

/**
 * Whether the mouse is in an element. Asked of the whole page: an element is not told that the pointer left when what
 * was under the pointer is gone.
 */
function useHovered(ref: RefObject<HTMLElement | null>): boolean {
  const [hovered, setHovered] = useState(false);
  useEffect(() => {
    // A finger that taps has left again: what it reads is told by scrolling.
    const over = ({ pointerType, target }: PointerEvent) =>
      setHovered(pointerType === 'mouse' && target instanceof Node && ref.current?.contains(target) === true);
    const gone = () => setHovered(false);
    const page = document.documentElement;
    page.addEventListener('pointerover', over);
    page.addEventListener('pointerleave', gone);
    return () => {
      page.removeEventListener('pointerover', over);
      page.removeEventListener('pointerleave', gone);
    };
  }, [ref]);
  return hovered;
}

/** Whether an element is above the screen's upper edge, under the view bar. */
function useScrolledPast(ref: RefObject<HTMLElement | null>): boolean {
  const [past, setPast] = useState(false);
  useEffect(() => {
    if (ref.current === null) return;
    const observer = new IntersectionObserver(
      // A busy page hands over several sights at once: the last one is how things are.
      (sights) => setPast(sights.at(-1)?.isIntersecting === false),
      { rootMargin: ALL_BUT_ABOVE },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  return past;
}
