import { type FocusEvent, type RefObject, useEffect, useRef, useState } from 'react';

/** The whole page below the lower edge of the view bar, so that a jump past the screen is noticed too. */
const ALL_BUT_ABOVE = '-64px 0px 1000000px 0px';

interface Reading {
  /** The user has the pointer or the focus in the part, or has scrolled into it. */
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

/** Whether the user is reading a part of the page, so that nothing in it should move. */
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
      // After a click the pointer counts, and the focus that the click leaves behind does not.
      onFocus: ({ target }) => setFocused(target.matches(':focus-visible')),
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setFocused(false);
      },
    },
  };
}

/**
 * Whether the mouse is in an element. Listens to the whole page: an element gets no event when what was under the
 * pointer is removed.
 */
function useHovered(ref: RefObject<HTMLElement | null>): boolean {
  const [hovered, setHovered] = useState(false);
  useEffect(() => {
    // A finger that taps leaves at once: scrolling shows that the user reads.
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
      // A busy page delivers several entries at once: the last one is current.
      (entries) => setPast(entries.at(-1)?.isIntersecting === false),
      { rootMargin: ALL_BUT_ABOVE },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  return past;
}
