import { type FocusEvent, type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';

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
    onPointerEnter(event: PointerEvent): void;
    onPointerLeave(): void;
    onFocus(event: FocusEvent): void;
    onBlur(event: FocusEvent): void;
  };
}

/** Tells whether a part of the page is being read, so that nothing in it should move. */
export function useReading(): Reading {
  const top = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const [scrolledInto, setScrolledInto] = useState(false);
  useEffect(() => {
    const element = top.current;
    if (element === null) return;
    const observer = new IntersectionObserver(([entry]) => setScrolledInto(entry?.isIntersecting === false), {
      rootMargin: ALL_BUT_ABOVE,
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return {
    reading: hovered || focused || scrolledInto,
    scrolledInto,
    top,
    part: {
      // A finger that taps has left again: what it reads is told by scrolling.
      onPointerEnter: ({ pointerType }) => setHovered(pointerType === 'mouse'),
      onPointerLeave: () => setHovered(false),
      // After a click the pointer tells: the focus that it leaves behind does not.
      onFocus: ({ target }) => setFocused(target.matches(':focus-visible')),
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) setFocused(false);
      },
    },
  };
}
