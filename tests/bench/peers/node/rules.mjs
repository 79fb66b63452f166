// What the services decide alike, whatever they reach the database with.
import {
  failedPrecondition, invalidArgument, notFound, Refusal, unimplemented,
} from "./refusal.mjs";
import { instantOf, newId } from "./values.mjs";

const ABORTED = 10;
const MINUTE = 60_000;
// From when before its start a patient may arrive.
export const ARRIVAL_LEAD = 120 * MINUTE;
export const NIL = "00000000-0000-0000-0000-000000000000";

export const iso = (instant) => new Date(instant).toISOString();

/** When a booking would be; days are those in UTC that it touches. */
export function planOf(form, scope) {
  if (form.allocations?.length || form.buffer_before_minutes || form.buffer_after_minutes) {
    throw unimplemented("ALLOCATIONS_ARE_NOT_COMPARED");
  }
  const starts = instantOf(form.local_start, scope.zone);
  const ends = starts + form.duration_minutes * MINUTE;
  if (Number.isNaN(ends)) throw invalidArgument("VALIDATION_FAILED");
  return { starts, ends, days: [...new Set([iso(starts).slice(0, 10), iso(ends).slice(0, 10)])] };
}

// Data with rules on working hours is refused, so that a figure without them cannot be taken by
// mistake.
export const hoursAreNotCompared = () => unimplemented("WORKING_HOURS_ARE_NOT_COMPARED");

const isExpected = (row) => row.state === "booked" || row.state === "confirmed";

function inArrivalWindow(row, now) {
  const starts = Date.parse(`${row.starts_at.replace(" ", "T")}:00`);
  return now >= starts - ARRIVAL_LEAD && now <= starts + row.duration_minutes * MINUTE;
}

/** Whether the patient of a visit may be noted as having arrived. */
export const mayArrive = (row, now) => isExpected(row) && inArrivalWindow(row, now);

/** Why a visit did not become one whose patient has arrived. */
export function arrivalRefusal(row, now) {
  if (!row) return notFound("APPOINTMENT_NOT_FOUND");
  if (!isExpected(row)) return failedPrecondition("APPOINTMENT_ILLEGAL_TRANSITION");
  return inArrivalWindow(row, now) ? new Refusal(ABORTED, "ETAG_MISMATCH")
    : failedPrecondition("APPOINTMENT_OUTSIDE_ARRIVAL_WINDOW");
}

/** The facts that every audit row has. */
export function factsOf(scope, method) {
  return {
    id: newId(),
    occurred_at: iso(Date.now()),
    method,
    actor_id: scope.user,
    actor_roles: scope.roles,
    purpose: "",
    session_id: scope.session,
    client_address: "local",
    user_agent: scope.userAgent,
    node: "",
    build: "peer",
  };
}

// An event that is about nothing in particular, and has no snapshot.
export const BARE_EVENT = {
  category: "record", outcome: "OK", patient_id: null, entity_type: null, entity_id: null,
  entity_version: null, changed_fields: "", before_sealed: null, after_sealed: null,
  request_id: null,
};

/** The ranges of tokens of a search, the longest word first; folds by letter case only. */
export function searchRanges(query) {
  const words = query.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  if (words.length === 0) throw invalidArgument("VALIDATION_FAILED");
  words.sort((a, b) => b.length - a.length);
  return words.slice(0, 5).map((word) =>
    [word, word.slice(0, -1) + String.fromCharCode(word.charCodeAt(word.length - 1) + 1)]);
}

/** The answer that a change got before, if the change is the same. */
export function replayOf(stored, call) {
  if (stored.method !== call.method || !stored.request_hash.equals(call.hash)) {
    throw invalidArgument("REQUEST_ID_REUSED");
  }
  return stored.response;
}
