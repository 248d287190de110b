/** The ways in which what was retried by hand, and what was interrupted, can be broken. */
import type { DatabaseSync } from "node:sqlite";
import { change, type PlantedDefect, plantIn } from "./plant.ts";
import { valueOf } from "./scratch.ts";

/** An entry of a turn that is over. */
function said(db: DatabaseSync, where: string, set: string): string {
  const number = String(valueOf(db, `SELECT number FROM message WHERE role <> 'user' AND ${where}`));
  change(db, `UPDATE message SET ${set} WHERE number = ${number}`);
  return `entry ${number}`;
}

export const PLANTED_INTERRUPTIONS: readonly PlantedDefect[] = [
  {
    check: "interrupted",
    defect: "something that an interrupted turn has said and that stands nowhere",
    plant: (db) => said(db, "follows IS NOT NULL", "follows = NULL"),
  },
  {
    check: "interrupted",
    defect: "something that an interrupted turn has said and that stands behind another entry",
    plant: (db) => said(db, "follows IS NOT NULL", "follows = follows + 1"),
  },
  {
    check: "interrupted",
    defect: "an answer that stands elsewhere than behind its messages",
    plant: (db) => said(db, "turn_id IN (SELECT id FROM turn WHERE state = 'done')", "follows = 1"),
  },
  {
    check: "interrupted",
    defect: "an open reply of a turn that is over",
    plant: (db) =>
      plantIn(db, "delivery", "state = 'open'", "turn_id = (SELECT id FROM turn WHERE state = 'done' LIMIT 1)"),
  },
  {
    check: "interrupted",
    defect: "an open reply of a turn that is not there",
    plant: (db) => plantIn(db, "delivery", "state = 'open'", "turn_id = 'trn_none'"),
  },
  {
    check: "interrupted",
    defect: "an open reply of another session's turn",
    plant: (db) =>
      plantIn(
        db,
        "delivery",
        "state = 'open'",
        "turn_id = (SELECT turn_id FROM session WHERE turn_id IS NOT NULL AND id <> delivery.session_id)",
      ),
  },
];

export const PLANTED_RETRIES: readonly PlantedDefect[] = [
  {
    check: "retries",
    defect: "a message that is left with the turn that was retried",
    plant: (db) => {
      change(
        db,
        `UPDATE message SET turn_id = (SELECT retry_of FROM turn WHERE retry_of IS NOT NULL)
         WHERE role = 'user' AND turn_id IN (SELECT id FROM turn WHERE retry_of IS NOT NULL)`,
      );
      return String(valueOf(db, `SELECT id FROM turn WHERE retry_of IS NOT NULL`));
    },
  },
  {
    check: "retries",
    defect: "a retry of a turn that is not dead",
    plant: (db) =>
      plantIn(db, "turn", "retry_of IS NOT NULL", "retry_of = (SELECT id FROM turn WHERE state = 'cancelled')"),
  },
  {
    check: "retries",
    defect: "a retry of a turn that is not there",
    plant: (db) => plantIn(db, "turn", "retry_of IS NOT NULL", "retry_of = 'trn_none'"),
  },
  {
    check: "retries",
    defect: "a retry of other messages than those of its turn",
    plant: (db) => plantIn(db, "turn", "retry_of IS NOT NULL", "last_seq = last_seq + 1"),
  },
];
