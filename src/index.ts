export { openSessions, type Answer, type Sessions, type SessionsOptions } from "./gateway/open-sessions.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway/gateway.ts";
export { defineConfig, type ParlorConfig } from "./config/parlor-config.ts";
export { loadConfig, type LoadConfigOptions } from "./config/load-config.ts";
export type { Config, LoadedConfig } from "./config/config.ts";

export {
  AgentError,
  type Agent,
  type AgentChoice,
  type AgentEntry,
  type AgentFault,
  type AgentPart,
  type AgentPorts,
  type AgentQuestion,
  type AgentTurn,
} from "./agent/agent.ts";
export { createSource, type ChatType, type Source, type SourceInput } from "./core/source.ts";
export { sessionKey, type Scope, type SessionKey } from "./core/session-key.ts";
export type { EndReason, ResetReason, Session, SessionReset, TokenUsage } from "./core/session.ts";
export type { BusyPolicy, BusyRules } from "./core/busy-policy.ts";
export type { ResetPolicy, ResetRules } from "./core/reset-policy.ts";
export type { Attachment, InboundMessage, MessageState } from "./core/message.ts";
export type { InboundEvent, SignalName } from "./core/event.ts";
export { groupByTurn, type Entry, type Role } from "./core/transcript.ts";
export type { Lease, Turn, TurnState } from "./core/turn.ts";
export type { Delivery, DeliveryState } from "./core/delivery.ts";
export type { AccessState, Party } from "./core/party.ts";
export type { LifecycleEvent, LifecycleType } from "./core/lifecycle-event.ts";
export { ERROR_CODES, ParlorError, type ErrorCode } from "./core/errors.ts";
export type { Drained } from "./telemetry/telemetry.ts";
export type { Clock } from "./lib/clock.ts";
export type { StoreOptions } from "./store/options.ts";
export type * from "./store/store.ts";
export type * from "./store/turn-store.ts";
export type * from "./store/reader.ts";
export type * from "./store/access-store.ts";
export type * from "./store/repair-store.ts";
