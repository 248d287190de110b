import type { VNode } from "preact";

const PATHS = {
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13.500 6.500l4 4",
  erase: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  menu: "M4 7h16M4 12h16M4 17h10",
  new: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.500 16.500 21 21",
  send: "M12 19V5M6 11l6-6 6 6",
  startOver: "M4 12a8 8 0 1 0 2.600-5.900M4 4v4.500h4.500",
  stop: "M7 7h10v10H7z",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside or in place of a word; what it means is said by the button around it. */
export function Icon({ name }: { readonly name: IconName }): VNode {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
