import { type Command, Option } from "commander";
import type { PageOptions } from "./leaf-command.ts";

/** What narrows a list of what is in a state and belongs to a session. */
export interface FilterOptions<State extends string> extends PageOptions {
  readonly state?: State;
  readonly session?: string;
}

export interface StateQuery<State extends string> {
  readonly limit?: number;
  readonly cursor?: string;
  readonly state?: State;
  readonly sessionId?: string;
}

export function withFilterOptions(command: Command, states: readonly string[]): Command {
  return command
    .addOption(new Option("--state <state>", "only those in this state").choices(states))
    .option("--session <id>", "only those of this session, by its whole id");
}

/** The page of a list that is asked for. */
export function stateQuery<State extends string>(options: FilterOptions<State>): StateQuery<State> {
  const { limit, cursor, state, session } = options;
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(state === undefined ? {} : { state }),
    ...(session === undefined ? {} : { sessionId: session }),
  };
}

/** The options again, as they were typed. */
export function filterWords({ state, session }: FilterOptions<string>): readonly string[] {
  return [...(state === undefined ? [] : ["--state", state]), ...(session === undefined ? [] : ["--session", session])];
}
