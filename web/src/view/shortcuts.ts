import type { Desk } from "../desk.ts";
import { hasSessionsDrawer } from "./drawers.ts";

/** `/` goes to the search, Escape closes what is open; the returned function ends it. */
export function followShortcuts(desk: Desk): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "/" && !isTyping(event.target)) {
      event.preventDefault();
      if (hasSessionsDrawer()) desk.drawer.value = "sessions";
      // After the drawer has taken the focus.
      setTimeout(() => document.querySelector<HTMLElement>(".search input")?.focus());
    } else if (event.key === "Escape" && desk.drawer.value !== null) {
      desk.drawer.value = null;
    }
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}

/** Up and down, or J and K, go through the links of a list. */
export function walkLinks(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (step === undefined || !(event.currentTarget instanceof HTMLElement)) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a[href], button.more")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
  event.preventDefault();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, dialog *");
}
