import { settingsSchema } from "../config/schema.ts";
import type { TurnOptions } from "../turn/turn-runner.ts";

/** How many entries of a transcript an agent is shown. */
export const TRANSCRIPT_LIMIT = 200;

/** How turns are run where nothing is configured, and nothing reads commands. */
export const TURN_DEFAULTS: TurnOptions = {
  ...settingsSchema.parse({}).turn,
  transcriptLimit: TRANSCRIPT_LIMIT,
  hasRetryCommand: false,
};
