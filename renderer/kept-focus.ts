import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Whoever works by keyboard keeps the focus where a change of the page has taken it away: it goes back to what had it and was moved, or on
 * to `successor` where that is gone. `shown` is another text after such a change; what is returned is the `onFocus` of what is watched.
 */
export function useKeptFocus(shown: string, successor?: RefObject<HTMLElement | null>): (event: FocusEvent<HTMLElement>) => void {
  const last = useRef<HTMLElement | null>(null);
  const before = useRef(shown);
  useLayoutEffect(() => {
    if (before.current === shown) return;
    before.current = shown;
    if (last.current === null || document.activeElement !== document.body) return;
    const heir = last.current.isConnected ? last.current : successor?.current;
    heir?.focus({ preventScroll: true });
  }, [shown, successor]);
  return ({ target }) => {
    last.current = target;
  };
}
