/** What the schemas of the configuration are made of. Each message is what was expected, as the end of a sentence. */
import { z } from "zod";
import { unknownKeys } from "./unknown-keys.ts";

export const strict = <Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  tokenVariable?: string,
  secretVariable?: string,
): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? unknownKeys(issue.keys, Object.keys(shape), tokenVariable, secretVariable)
        : "an object",
  });

export const wholeNumber = (least: number, most: number = Number.MAX_SAFE_INTEGER): z.ZodNumber => {
  const error =
    most === Number.MAX_SAFE_INTEGER ? `a whole number, ${least} or more` : `a whole number from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};

/** No timer of Node runs longer than this. */
export const timerMs = (least: number): z.ZodNumber => wholeNumber(least, 2 ** 31 - 1);

export const oneOf = <const Values extends readonly string[]>(
  values: Values,
): z.ZodEnum<z.core.util.ToEnum<Values[number]>> => z.enum(values, { error: `one of ${values.join(", ")}` });

export const text = (expected: string, holds: (value: string) => boolean): z.ZodString =>
  z.string({ error: expected }).refine(holds, { error: expected });

export const filled = (expected: string): z.ZodString => text(expected, (value) => value.trim() !== "");

export const httpUrl: z.ZodString = text("an http or https URL without user name and password", (value) => {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
});

/** Of a webhook, an agent or an MCP server; it is a part of the name of a variable. */
export const plainName: z.ZodString = text("a name of lower-case letters, digits and single dashes", (name) =>
  /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name),
);
