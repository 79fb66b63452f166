// The calls of the comparison, over a driver that pipelines, with clinicd's own statements. One
// flush for a read; two for a change, whose audit row says what the first one made.
import { appointmentOf, beforeOf, patientOf, versionOf } from "./messages.mjs";
import { load } from "./queries.mjs";
import { failedPrecondition, notFound, unimplemented } from "./refusal.mjs";
import {
  ARRIVAL_LEAD, arrivalRefusal, BARE_EVENT, factsOf, hoursAreNotCompared, iso, NIL, planOf,
  replayOf, searchRanges,
} from "./rules.mjs";
import { CHANGE, READ, READ_WITH_TRACE } from "./transaction.mjs";
import { addDays, dateText, instantOf, lockKey, newId } from "./values.mjs";

const QUERIES = {
  getPatient: load("patients/get_patient"),
  searchPatients: load("patients/search_patients"),
  listAppointments: load("appointments/list_practitioner_appointments"),
  getAppointment: load("appointments/get_appointment"),
  insertPatientAccess: load("audit/insert_patient_access"),
  insertEvent: load("audit/insert_event"),
  lockKey: load("runner/lock_idempotency_key"),
  findKey: load("runner/find_idempotency_key"),
  insertKey: load("runner/insert_idempotency_key"),
  insertChange: load("runner/insert_change"),
  lockDays: load("appointments/lock_days_shared"),
  listSchedule: load("appointments/list_schedule"),
  insertAppointment: load("appointments/insert_appointment"),
  findObstacle: load("appointments/find_booking_obstacle"),
  findTaken: load("appointments/find_taken_kinds"),
  changeState: load("appointments/change_appointment_state"),
};

// The practitioner from start to end, and the patient.
function partsOf(form, plan) {
  return {
    part_kinds: "practitioner patient",
    part_occupants: `${form.practitioner_id} ${form.patient_id}`,
    part_offsets: "0 0",
    part_durations: `${form.duration_minutes} ${form.duration_minutes}`,
    starts_at: iso(plan.starts),
    duration_minutes: form.duration_minutes,
    buffer_before_minutes: 0,
    buffer_after_minutes: 0,
  };
}

// Refuses data that has rules on working hours.
function checkNoHours(schedule) {
  if (schedule.some((row) => row.shape !== "site" && row.shape !== "resource")) {
    throw hoursAreNotCompared();
  }
}

export class Service {
  /** `database` has begin(); `kinds` numbers the kinds of resources. */
  constructor(database, { kinds, accessRows }) {
    this.database = database;
    this.kinds = kinds;
    this.accessRows = accessRows;
  }

  #beginRead(scope) {
    return this.database.begin(scope, this.accessRows ? READ_WITH_TRACE : READ);
  }

  async getPatient(scope, { id }, method) {
    const tx = await this.#beginRead(scope);
    const rows = tx.run(QUERIES.getPatient, { id });
    if (this.accessRows) {
      tx.run(QUERIES.insertPatientAccess,
        { ...factsOf(scope, method), entity_id: id, outcome_missing: "PATIENT_NOT_FOUND" });
    }
    await tx.commit();
    const [row] = await rows;
    if (!row) throw notFound("PATIENT_NOT_FOUND");
    return patientOf(row);
  }

  async #list(scope, query, values, entity, method) {
    const tx = await this.#beginRead(scope);
    const rows = tx.run(query, values);
    if (this.accessRows) {
      tx.run(QUERIES.insertEvent,
        { ...BARE_EVENT, ...factsOf(scope, method), action: "read", entity_type: entity });
    }
    await tx.commit();
    return rows;
  }

  async listAppointments(scope, request, method) {
    if (!request.practitioner_id || request.page_token) throw unimplemented("NOT_COMPARED");
    const day = dateText(request.date);
    const limit = request.page_size || 200;
    const rows = await this.#list(scope, QUERIES.listAppointments, {
      practitioner_id: request.practitioner_id,
      after_starts_at: iso(instantOf(`${day}T00:00`, scope.zone)),
      after_id: NIL,
      before_starts_at: iso(instantOf(`${addDays(day, 1)}T00:00`, scope.zone)),
      show_cancelled: request.show_cancelled ?? false,
      row_limit: limit + 1,
    }, "appointment", method);
    if (rows.length > limit) throw unimplemented("PAGES_ARE_NOT_COMPARED");
    return { appointments: rows.map((row) => appointmentOf(row, this.kinds)) };
  }

  /** The first page; more is not compared. */
  async searchPatients(scope, request, method) {
    const limit = request.page_size || 20;
    const values = {
      after_family_name: "", after_given_name: "", after_id: NIL, row_limit: limit + 1,
    };
    const ranges = searchRanges(request.query);
    for (let word = 1; word <= 5; ++word) {
      const [from, to] = ranges[word - 1] ?? [null, null];
      values[`word${word}_from`] = from;
      values[`word${word}_to`] = to;
    }
    const rows = await this.#list(scope, QUERIES.searchPatients, values, "patient", method);
    return { patients: rows.slice(0, limit).map(patientOf) };
  }

  // Locks the key of a change and looks for the answer that it already got.
  #beginChange(tx, scope, request) {
    tx.run(QUERIES.lockKey,
      { clinic_key: lockKey(scope.clinic), request_key: lockKey(request.request_id) });
    return tx.run(QUERIES.findKey,
      { membership_id: scope.user, request_id: request.request_id });
  }

  // Ends a change that took place: its audit row, its notice, its answer, and the commit.
  async #finish(tx, scope, call, event, change, message) {
    const response = call.serialize(message);
    const facts = factsOf(scope, call.method);
    tx.run(QUERIES.insertEvent, {
      ...BARE_EVENT,
      ...facts,
      ...event,
      entity_type: "appointment",
      entity_id: message.id,
      patient_id: message.patient_id,
      entity_version: versionOf(message.etag),
      after_sealed: Buffer.from(JSON.stringify(message)),
      request_id: call.requestId,
    });
    tx.run(QUERIES.insertChange, {
      id: newId(),
      entity_type: "appointment",
      entity_id: message.id,
      row_version: versionOf(message.etag),
      ...change,
    });
    tx.run(QUERIES.insertKey, {
      membership_id: scope.user,
      request_id: call.requestId,
      method: call.method,
      request_hash: call.hash,
      response,
      event_id: facts.id,
    });
    await tx.commit();
    return response;
  }

  // Undoes a change, and leaves a trace of what was refused in a transaction of its own.
  async #refuse(tx, scope, call, event, refusal) {
    await tx.rollback();
    const trace = await this.database.begin(scope, CHANGE);
    trace.run(QUERIES.insertEvent, {
      ...BARE_EVENT, ...factsOf(scope, call.method), ...event, outcome: refusal.reason,
      request_id: call.requestId,
    });
    await trace.commit();
    throw refusal;
  }

  async #whyNotBooked(tx, form, plan, id, row) {
    const values = { ...partsOf(form, plan), holder_id: id };
    if (row.usable && row.patient_exists && row.taken_kinds) {
      return failedPrecondition("APPOINTMENT_SLOT_TAKEN");
    }
    if (row.id) {
      await tx.run(QUERIES.findTaken, values);
      return failedPrecondition("APPOINTMENT_SLOT_TAKEN");
    }
    const [found] = await tx.run(QUERIES.findObstacle,
      { ...values, patient_id: form.patient_id, external_id: null });
    if (!found.patient_exists) return notFound("PATIENT_NOT_FOUND");
    if (found.absent_practitioners > 0) return notFound("PRACTITIONER_NOT_FOUND");
    return failedPrecondition("PRACTITIONER_INACTIVE");
  }

  async createAppointment(scope, request, call) {
    if (request.hold_id) throw unimplemented("HOLDS_ARE_NOT_COMPARED");
    const form = request.appointment;
    const plan = planOf(form, scope);
    const id = newId();
    const tx = await this.database.begin(scope, CHANGE);
    let row;
    try {
      const known = this.#beginChange(tx, scope, request);
      const day = form.local_start.slice(0, 10);
      const schedule = tx.run(QUERIES.listSchedule, {
        occupants: form.practitioner_id, first_on: addDays(day, -2), last_on: addDays(day, 3),
      });
      tx.run(QUERIES.lockDays, { days: plan.days.join(" ") });
      const inserted = tx.run(QUERIES.insertAppointment, {
        ...partsOf(form, plan),
        id,
        patient_id: form.patient_id,
        practitioner_id: form.practitioner_id,
        local_start: `${form.local_start}:00`,
        time_zone: scope.zone,
        ends_at: iso(plan.ends),
        lane: 0,
        overbook_reason: null,
        reason: form.reason ?? "",
        external_id: null,
        part_allocations: `practitioner ${form.practitioner_id} 0 ${form.duration_minutes}`,
        created_by: scope.user,
        now: iso(Date.now()),
      });
      const [stored] = await known;
      if (stored) {
        await tx.rollback();
        return replayOf(stored, call);
      }
      checkNoHours(await schedule);
      [row] = await inserted;
    } catch (error) {
      // The two drivers name it differently.
      const constraint = error.constraint_name ?? error.constraint;
      if (constraint?.endsWith("patient_fk")) {
        return this.#refuse(tx, scope, call, { action: "create" }, notFound("PATIENT_NOT_FOUND"));
      }
      await tx.rollback();
      throw error;
    }
    if (!row.complete) {
      const refusal = await this.#whyNotBooked(tx, form, plan, id, row);
      return this.#refuse(tx, scope, call, { action: "create" }, refusal);
    }
    const message = appointmentOf(row, this.kinds);
    return this.#finish(tx, scope, call, { action: "create" },
      { was_on: null, is_on: plan.days[0] }, message);
  }

  async checkInAppointment(scope, request, call) {
    const now = Date.now();
    const tx = await this.database.begin(scope, CHANGE);
    let row;
    try {
      const known = this.#beginChange(tx, scope, request);
      const changed = tx.run(QUERIES.changeState, {
        id: request.id,
        row_version: versionOf(request.etag),
        kind: "arrived",
        from_states: "booked confirmed",
        to_state: "arrived",
        occupies: true,
        starts_from: null,
        starts_until: iso(now + ARRIVAL_LEAD),
        ends_from: iso(now),
        reason: "",
        cancelled_by: "clinic",
        cancel_cutoff_minutes: 24 * 60,
        changed_by: scope.user,
        now: iso(now),
      });
      const [stored] = await known;
      if (stored) {
        await tx.rollback();
        return replayOf(stored, call);
      }
      [row] = await changed;
    } catch (error) {
      await tx.rollback();
      throw error;
    }
    if (!row) {
      const [current] = await tx.run(QUERIES.getAppointment, { id: request.id });
      return this.#refuse(tx, scope, call,
        { action: "execute", entity_type: "appointment", entity_id: request.id },
        arrivalRefusal(current, now));
    }
    const day = row.starts_at.slice(0, 10);
    return this.#finish(tx, scope, call, {
      action: "execute",
      changed_fields: "arrive_time,state",
      before_sealed: Buffer.from(JSON.stringify(beforeOf(row, this.kinds))),
    }, { was_on: day, is_on: day }, appointmentOf(row, this.kinds));
  }

  close() {
    return this.database.close();
  }
}
