import { ProblemError } from "./problem.ts";

/**
 * Refuses an address whose percent-encoding is not UTF-8. It would be taken as it stands, and two
 * addresses would name the same chat.
 *
 * @throws ProblemError `invalid-request`
 */
export function checkEncoding({ url }: Request): void {
  if (!url.includes("%")) return;
  try {
    decodeURIComponent(url);
  } catch {
    throw new ProblemError(
      "invalid-request",
      "The address cannot be read: percent-encode its parts as UTF-8, and a percent sign itself as %25.",
    );
  }
}
