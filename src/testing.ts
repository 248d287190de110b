export { storeContract } from "./testing/store-contract.ts";
export type { StoreTraits } from "./testing/contract/contract.ts";
export type { OpenStore } from "./testing/open-store.ts";
export { reopening } from "./testing/reopening.ts";
export { alternating } from "./testing/alternating.ts";
export { agentContract, type AgentCapability, type AgentGaps } from "./testing/agent-contract.ts";
export {
  type AgentAct,
  type AgentEnding,
  type AgentScript,
  type AgentSubject,
  type AgentSubjectOptions,
  type AgentTokens,
  type OpenAgent,
} from "./testing/agent-subject.ts";
export { createManualClock, type ManualClock } from "./testing/manual-clock.ts";
export { messageOf, sourceOf } from "./testing/sources.ts";
export {
  createFakeAgent,
  HANG,
  type FakeAgent,
  type FakeAgentScript,
  type FakeAgentStep,
} from "./testing/fake-agent.ts";
export { createFakePlatform, type FakePlatform } from "./testing/fake-platform.ts";
export { openFakeOpenAI } from "./testing/fake-openai.ts";
export { openFakeAnthropic } from "./testing/fake-anthropic.ts";
export {
  openFakeTelegram,
  type FakeTelegram,
  type FakeTelegramAnswer,
  type FakeTelegramMessage,
  type FakeTelegramOptions,
  type FakeTelegramUpdate,
} from "./testing/fake-telegram.ts";
