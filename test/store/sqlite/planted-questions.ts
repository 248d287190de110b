/** The ways in which questions, and what agents keep, can break their rules. */
import { change, type PlantedDefect } from "./plant.ts";
import { valueOf } from "./scratch.ts";

function questionThat(state: string, sql: (id: string) => string): PlantedDefect["plant"] {
  return (db) => {
    const id = String(valueOf(db, `SELECT id FROM question WHERE state = '${state}'`));
    change(db, sql(id));
    return id;
  };
}

export const PLANTED_QUESTIONS: readonly PlantedDefect[] = [
  {
    check: "questions",
    defect: "an open one of a turn that does not run",
    plant: (db) => {
      db.exec("DROP TRIGGER question_withdrawn");
      return questionThat(
        "open",
        (id) =>
          `UPDATE turn SET state = 'retrying', node = NULL WHERE id = (SELECT turn_id FROM question WHERE id = '${id}')`,
      )(db);
    },
  },
  {
    check: "questions",
    defect: "one of another session's turn",
    plant: questionThat(
      "answered",
      (id) => `UPDATE question SET turn_id = (SELECT id FROM turn WHERE state = 'done') WHERE id = '${id}'`,
    ),
  },
  {
    check: "questions",
    defect: "one that no entry shows",
    plant: questionThat("answered", (id) => `UPDATE question SET seq = 1 WHERE id = '${id}'`),
  },
  {
    check: "questions",
    defect: "one whose choice no entry shows",
    plant: questionThat("answered", (id) => `UPDATE question SET answer_seq = 999 WHERE id = '${id}'`),
  },
  {
    check: "questions",
    defect: "one with a choice that was not offered",
    plant: questionThat("answered", (id) => `UPDATE question SET choice = 'maybe' WHERE id = '${id}'`),
  },
  {
    check: "questions",
    defect: "two that are open in a session",
    plant: (db) => {
      db.exec("DROP INDEX question_open; DROP TRIGGER question_state");
      change(
        db,
        `UPDATE question SET state = 'open', choice = NULL, answer_seq = NULL, answered_by = NULL WHERE state = 'answered'`,
      );
      return String(valueOf(db, `SELECT min(id) FROM question`));
    },
  },
  {
    check: "summaries",
    defect: "one that reaches into its own turn",
    plant: (db) => {
      change(db, `UPDATE summary SET through_seq = 3`);
      return `summary ${String(valueOf(db, `SELECT number FROM summary`))}`;
    },
  },
  {
    check: "summaries",
    defect: "one of another session's turn",
    plant: (db) => {
      change(
        db,
        `UPDATE summary SET turn_id = (SELECT id FROM turn WHERE session_id <> summary.session_id AND first_seq > through_seq LIMIT 1)`,
      );
      return `summary ${String(valueOf(db, `SELECT number FROM summary`))}`;
    },
  },
  {
    check: "no-orphan",
    defect: "a summary of a session that is not there",
    plant: (db) => {
      change(db, `UPDATE summary SET session_id = 'ses_none'`);
      return `summary ${String(valueOf(db, `SELECT number FROM summary`))}`;
    },
    also: ["references", "summaries"],
  },
  {
    check: "no-orphan",
    defect: "a question of a session that is not there",
    plant: questionThat("answered", (id) => `UPDATE question SET session_id = 'ses_none' WHERE id = '${id}'`),
    also: ["references", "questions"],
  },
  {
    check: "no-orphan",
    defect: "a note about a session that is not there",
    plant: (db) => {
      change(db, `UPDATE agent_note SET session_id = 'ses_none'`);
      return "note of agent";
    },
    also: ["references"],
  },
];
