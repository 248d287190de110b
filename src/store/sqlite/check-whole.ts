import { ParlorError } from "../../core/errors.ts";

/**
 * Checks a number before it is stored. A larger one could be written but never read again, and a time
 * that is none would leave what waits for it waiting for ever.
 *
 * @throws ParlorError `INVALID_INPUT`
 */
export function checkWhole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new ParlorError("INVALID_INPUT", `${name} must be a whole number from 0 to 2^53 - 1; found ${value}.`);
}
