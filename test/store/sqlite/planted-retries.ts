/** The ways in which what was retried by hand can be broken. */
import { change, type PlantedDefect, plantIn } from "./plant.ts";
import { valueOf } from "./scratch.ts";

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
