/** What tests read from answers. What an answer does not have is undefined at run time, and compared as such. */
import type { SearchHit } from "../../src/store/reader.ts";
import type { Source } from "../../src/core/source.ts";

/** An answer to an event, or a problem. */
export interface Body {
  readonly session: string;
  readonly seq: number;
  readonly duplicate: boolean;
  readonly state: string;
  readonly reply: string;
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

export interface SessionBody {
  readonly id: string;
  readonly state: string;
  readonly epoch: number;
  readonly source: Source;
  readonly title: string | null;
  readonly lastSeq: number;
  readonly endReason: string | null;
}

export interface ResetBody {
  readonly reset: boolean;
  readonly session: SessionBody;
  readonly next: SessionBody | null;
  readonly cancelled: number;
}

export interface SessionPage {
  readonly sessions: readonly SessionBody[];
  readonly nextCursor: string | null;
}

export interface MessagePage {
  readonly messages: readonly {
    readonly seq: number;
    readonly role: string;
    readonly text: string;
    readonly state: string;
    readonly createdAt: number;
    readonly deliveries?: readonly {
      readonly piece: number;
      readonly state: string;
      readonly remoteId: string | null;
    }[];
  }[];
  readonly nextCursor: string | null;
}

export interface HitPage {
  readonly hits: readonly (Omit<SearchHit, "sessionId"> & { readonly session: string })[];
  readonly nextCursor: string | null;
}

/** The part of the OpenAPI document that tests read. */
export interface OpenApiBody {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationBody>>>>;
}

export interface OperationBody {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: SchemaBody }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface SchemaBody {
  readonly anyOf?: readonly SchemaBody[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, { readonly maxLength?: number }>>;
  readonly additionalProperties?: boolean;
}
