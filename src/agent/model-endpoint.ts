import { ParlorError } from "../core/errors.ts";

/** Where a model answers, and in which language it is asked. */
export type ModelEndpoint =
  | {
      readonly api: "openai-compatible";
      /** Everything before `/chat/completions`, such as `http://127.0.0.1:11434/v1`. */
      readonly baseUrl: string;
      /** Default: no `Authorization` header is sent. */
      readonly apiKey?: string;
    }
  | {
      readonly api: "anthropic";
      readonly apiKey: string;
      /** Everything before `/messages`. Default: `https://api.anthropic.com/v1`. */
      readonly baseUrl?: string;
    };

/** An endpoint whose parts have been checked. */
export interface CheckedEndpoint {
  readonly api: ModelEndpoint["api"];
  /** Without a slash at the end, a query or credentials: it can be shown. */
  readonly baseUrl: string;
  readonly apiKey: string | null;
  /** The environment variable that holds the key. */
  readonly keyVariable: string;
  /** The environment variable that holds the base URL. */
  readonly urlVariable: string;
}

/** @throws ParlorError `INVALID_CONFIG`, without the value that is wrong: it may hold a secret. */
export function checkEndpoint(endpoint: ModelEndpoint): CheckedEndpoint {
  const [keyVariable, urlVariable] =
    endpoint.api === "anthropic" ? ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"] : ["OPENAI_API_KEY", "OPENAI_BASE_URL"];
  const apiKey = endpoint.apiKey === "" ? null : (endpoint.apiKey ?? null);
  if (endpoint.api === "anthropic" && apiKey === null) {
    throw invalid(`${keyVariable} must hold an API key; found nothing. Set it, or choose another agent.`);
  }
  if (apiKey !== null && !/^[\u0021-\u007e]+$/.test(apiKey)) {
    throw invalid(`${keyVariable} must be printable characters without spaces; found others. Copy the key again.`);
  }
  return {
    api: endpoint.api,
    baseUrl: checkBaseUrl(endpoint.baseUrl ?? "https://api.anthropic.com/v1", urlVariable),
    apiKey,
    keyVariable,
    urlVariable,
  };
}

/** The headers that prove who is asking. */
export function endpointHeaders(endpoint: Pick<CheckedEndpoint, "api" | "apiKey">): Record<string, string> {
  if (endpoint.apiKey === null) return {};
  return endpoint.api === "anthropic"
    ? { "x-api-key": endpoint.apiKey, "anthropic-version": "2023-06-01" }
    : { authorization: `Bearer ${endpoint.apiKey}` };
}

function checkBaseUrl(baseUrl: string, variable: string): string {
  const url = URL.parse(baseUrl);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw invalid(`${variable} must be an http or https URL, such as http://127.0.0.1:11434/v1; found something else.`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw invalid(`${variable} must be a URL without user name, password, query or fragment; found one that has them.`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function invalid(message: string): ParlorError {
  return new ParlorError("INVALID_CONFIG", message);
}
