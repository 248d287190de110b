import type { VNode } from "preact";

export interface SignedOutProps {
  /** Whether the person came by a link that does not work any more. */
  readonly isLinkUsed?: boolean;
}

/** The whole page, for a browser that the gateway does not know. */
export function SignedOut({ isLinkUsed = false }: SignedOutProps): VNode {
  return (
    <main class="signed-out">
      <h1>{isLinkUsed ? "This link was used or has expired" : "Log in from the terminal"}</h1>
      <p>
        {isLinkUsed
          ? "A link works once, for five minutes. Where the gateway runs, ask for another one and follow it:"
          : "This gateway is guarded by a token. Where it runs, ask for a link and follow it in this browser:"}
      </p>
      <pre>
        <code>parlor open</code>
      </pre>
      <button type="button" class="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}
