import { agentContract } from "../../src/testing/agent-contract.ts";
import { openEcho, openFake, openModel } from "./agent-subjects.ts";
import { openCommand } from "./command-subject.ts";
import { openHttp } from "./http-subject.ts";

agentContract("the echo", openEcho, {
  tools: false,
  usage: false,
  finishReasons: false,
  faults: false,
  idleTimeout: false,
});
agentContract("a fake agent", openFake, { idleTimeout: false });
agentContract("a model behind an OpenAI-compatible endpoint", openModel("openai-compatible"));
agentContract("a model at Anthropic", openModel("anthropic"));
agentContract("a command", openCommand);
agentContract("an endpoint over HTTP", openHttp);
