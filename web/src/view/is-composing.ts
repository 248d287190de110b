/**
 * Whether a key goes to an input method, where Enter chooses what is offered. Safari ends the composition
 * before it tells of that key, which then only has the code of keys that are being processed.
 */
export function isComposing(event: KeyboardEvent): boolean {
  // oxlint-disable-next-line typescript/no-deprecated -- there is no other way to tell in Safari
  return event.isComposing || event.keyCode === 229;
}
