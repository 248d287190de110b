import { openSqliteStore } from "../../src/sqlite.ts";
import type { OpenStore } from "../../src/testing/open-store.ts";

/** Opens the SQLite store in the file whose path is the place. */
export const open: OpenStore = ({ place, ...options }) => openSqliteStore({ ...options, path: place });
