import { agentContract } from "../../src/testing/agent-contract.ts";
import { openAcp } from "./acp-subject.ts";
import { openEcho, openFake, openModel } from "./agent-subjects.ts";
import { openCommand } from "./command-subject.ts";
import { openHttp } from "./http-subject.ts";

const ONE_REPORT = "an endpoint reports the tokens of a request once, at its end";
const ASKS_NOBODY = "its protocol has no question";

agentContract("the echo", openEcho, {
  tools: "it calls none",
  usage: "it uses no tokens",
  usageSum: "it uses no tokens",
  finishReasons: "it always says all of it",
  faults: "it has no far side",
  idleTimeout: "it has no far side",
  totalTimeout: "it has no far side",
  ask: "it asks nobody",
});
agentContract("a fake agent", openFake, {
  idleTimeout: "a script that waits is meant to",
  totalTimeout: "a script that waits is meant to",
});
agentContract("a model behind an OpenAI-compatible endpoint", openModel("openai-compatible"), {
  usageSum: ONE_REPORT,
  ask: "a model asks in words",
});
agentContract("a model at Anthropic", openModel("anthropic"), { usageSum: ONE_REPORT, ask: "a model asks in words" });
agentContract("a command", openCommand, { ask: ASKS_NOBODY });
agentContract("an ACP agent", openAcp, { usageSum: ONE_REPORT });
agentContract("an endpoint over HTTP", openHttp, { ask: ASKS_NOBODY });
