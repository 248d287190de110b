/** Where the operator's own pages and programs speak: nobody else reaches them, and nobody is asked there. */
export const OWN_PLATFORMS: readonly string[] = ["api", "webhook"];
