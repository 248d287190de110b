/** Makes a backup, and tells when it begins. */
import { makeBackup } from "../../../src/store/sqlite/backup.ts";

const [from = "", to = ""] = process.argv.slice(2);
process.send?.("begins");
const { outcome } = await makeBackup(from, to, { overwrite: true });
process.send?.(outcome);
process.disconnect?.();
