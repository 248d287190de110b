import type { Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Drawer } from "../desk.ts";

/** Up to these widths the sides are drawers. They are also in `layout.css`. */
const SESSIONS_DRAWER = "(width < 820px)";
const NUMBERS_DRAWER = "(width < 1160px)";

/** Whether the list is a drawer. */
export function hasSessionsDrawer(): boolean {
  return window.matchMedia(SESSIONS_DRAWER).matches;
}

/** Moves the focus into a drawer that opens, and back when it closes. With another width all are closed. */
export function useDrawers(drawer: Signal<Drawer>): void {
  const openedBy = useRef<Element | null>(null);
  const name = drawer.value;
  useLayoutEffect(() => {
    if (name === null) {
      if (openedBy.current instanceof HTMLElement) openedBy.current.focus();
      openedBy.current = null;
    } else {
      openedBy.current = document.activeElement;
      document.querySelector<HTMLElement>(`.${name} .close-drawer`)?.focus();
    }
  }, [name]);
  useEffect(() => {
    const close = (): void => {
      drawer.value = null;
    };
    const widths = [SESSIONS_DRAWER, NUMBERS_DRAWER].map((query) => window.matchMedia(query));
    for (const width of widths) width.addEventListener("change", close);
    return () => {
      for (const width of widths) width.removeEventListener("change", close);
    };
  }, [drawer]);
}
