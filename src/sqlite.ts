export { openSqliteReader, openSqliteStore, type SqliteOptions } from "./store/sqlite/open.ts";
