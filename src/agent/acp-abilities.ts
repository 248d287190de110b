import { z } from "zod";
import { wrongAnswer, wrongVersion } from "./acp-fault.ts";

/** What an ACP agent can do that not every one can. */
export interface AcpAbilities {
  readonly load: boolean;
  readonly resume: boolean;
  readonly close: boolean;
  readonly images: boolean;
}

/** What Parlor speaks. */
export const ACP_VERSION = 1;

const flag = z.boolean().catch(false);
const mark = z.looseObject({}).nullish().catch(null);
const STARTED = z.object({
  protocolVersion: z.number(),
  agentCapabilities: z
    .object({
      loadSession: flag,
      promptCapabilities: z.object({ image: flag }).catch({ image: false }),
      sessionCapabilities: z.object({ resume: mark, close: mark }).catch({}),
    })
    .catch({ loadSession: false, promptCapabilities: { image: false }, sessionCapabilities: {} }),
  authMethods: z.array(z.object({ name: z.string() })).catch([]),
});

/**
 * What an agent has answered to `initialize`.
 *
 * @throws AgentError when it cannot be used.
 */
export function readAbilities(
  given: unknown,
  name: string,
): { readonly can: AcpAbilities; readonly logins: readonly string[] } {
  const started = STARTED.safeParse(given);
  if (!started.success) throw wrongAnswer(name, "initialize", "the version of the protocol that it speaks");
  const { protocolVersion, agentCapabilities, authMethods } = started.data;
  if (protocolVersion !== ACP_VERSION) throw wrongVersion(name, protocolVersion);
  const { resume, close } = agentCapabilities.sessionCapabilities;
  return {
    can: {
      load: agentCapabilities.loadSession,
      resume: (resume ?? null) !== null,
      close: (close ?? null) !== null,
      images: agentCapabilities.promptCapabilities.image,
    },
    logins: authMethods.slice(0, 10).map((method) => JSON.stringify(method.name.slice(0, 100))),
  };
}
