import { render } from "preact";
import { ApiFailure } from "./api/api-failure.ts";
import { isSignedOut } from "./api/call.ts";
import { getStats, logIn } from "./api/session-calls.ts";
import { openDesk } from "./desk.ts";
import { loginCode } from "./route/target.ts";
import { Page } from "./view/page.tsx";
import { SignedOut } from "./view/signed-out.tsx";

const root = document.querySelector("#page");
if (root === null) throw new Error("The document has no place for the page.");

// A link that is followed where the page is open already changes the fragment only.
window.addEventListener("hashchange", () => {
  if (loginCode(location.hash) !== null) location.reload();
});

const code = loginCode(location.hash);
const wasTaken = code === null || (await take(code));
if (wasTaken) render(<Page desk={openDesk()} />, root);
else render(<SignedOut isLinkUsed />, root);

/** Logs in with the code of a link. A link that was followed before is no harm to a browser that is logged in. */
async function take(given: string): Promise<boolean> {
  history.replaceState(null, "", location.pathname);
  try {
    await logIn(given);
    return true;
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
  }
  isSignedOut.value = false;
  return getStats().then(
    () => true,
    () => false,
  );
}
