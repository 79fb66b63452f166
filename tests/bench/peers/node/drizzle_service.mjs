// The calls of the comparison as teams write them with an object-relational mapper: Drizzle on pg,
// a transaction that tells the database its clinic first, and then one statement after the other.
import { and, asc, eq, gte, inArray, isNull, lt, lte, notInArray, or, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { types } from "./database_pg.mjs";
import {
  appointmentEvents, appointments, auditEvents, changes, idempotencyKeys, occupancies, patients,
  patientTokens, practitioners, resources, scheduleExceptions, workingHours,
} from "./drizzle_schema.mjs";
import { appointmentOf, patientOf, versionOf } from "./messages.mjs";
import { failedPrecondition, notFound, Refusal, unimplemented } from "./refusal.mjs";
import {
  arrivalRefusal, BARE_EVENT, factsOf, hoursAreNotCompared, iso, mayArrive, planOf, replayOf,
  searchRanges,
} from "./rules.mjs";
import { CHANGE, READ, READ_WITH_TRACE } from "./transaction.mjs";
import { addDays, dateText, instantOf, lockKey, newId } from "./values.mjs";

const PG_FOREIGN_KEY_VIOLATION = "23503";

// Of the clinic of the transaction: named as well as enforced by row-level security, like clinicd.
const ofClinic = (table, scope, ...more) => and(eq(table.clinic_id, scope.clinic), ...more);

/** The appointments with the names of their patients and with who is needed for them. */
async function visitsOf(tx, scope, where, limit) {
  const rows = await tx.select({
    visit: appointments, given_name: patients.given_name, family_name: patients.family_name,
  }).from(appointments)
    .innerJoin(patients,
      and(eq(patients.clinic_id, appointments.clinic_id), eq(patients.id, appointments.patient_id)))
    .where(where)
    .orderBy(asc(appointments.starts_at), asc(appointments.id))
    .limit(limit);
  if (rows.length === 0) return [];
  const parts = await tx.select({
    holder_id: occupancies.holder_id, kind: resources.kind, occupant_id: occupancies.occupant_id,
    offset_minutes: occupancies.offset_minutes, duration_minutes: occupancies.duration_minutes,
  }).from(occupancies)
    .leftJoin(resources, and(
      eq(resources.clinic_id, occupancies.clinic_id), eq(resources.id, occupancies.resource_id)))
    .where(ofClinic(occupancies, scope,
      inArray(occupancies.holder_id, rows.map(({ visit }) => visit.id)),
      isNull(occupancies.patient_id)))
    .orderBy(asc(occupancies.position));
  const byHolder = grouped(parts);
  return rows.map(({ visit, given_name, family_name }) => ({
    ...visit,
    patient_given_name: given_name,
    patient_family_name: family_name,
    allocations: (byHolder.get(visit.id) ?? []).map((part) =>
      `${part.kind ?? "practitioner"} ${part.occupant_id} ${part.offset_minutes} ` +
        `${part.duration_minutes}`).join(","),
  }));
}

function grouped(parts) {
  const groups = new Map();
  for (const part of parts) {
    const group = groups.get(part.holder_id);
    if (group) group.push(part);
    else groups.set(part.holder_id, [part]);
  }
  return groups;
}

const trace = (tx, scope, method, event) =>
  tx.insert(auditEvents).values({
    clinic_id: scope.clinic, ...BARE_EVENT, ...factsOf(scope, method), ...event,
  });

export class DrizzleService {
  constructor(connection, pool, { kinds, accessRows }) {
    this.kinds = kinds;
    this.accessRows = accessRows;
    this.pool = new pg.Pool({ ...connection, max: pool, types });
    this.pool.on("error", () => {});
    this.db = drizzle(this.pool);
  }

  #transaction(scope, durability, work) {
    return this.db.transaction(async (tx) => {
      await tx.execute(sql`SELECT set_config('clinicd.clinic_id', ${scope.clinic}, true),
        set_config('clinicd.user_id', ${scope.user}, true),
        set_config('synchronous_commit', ${durability.synchronous_commit}, true),
        set_config('transaction_read_only', ${durability.read_only}, true)`);
      return work(tx);
    });
  }

  #read(scope, work) {
    return this.#transaction(scope, this.accessRows ? READ_WITH_TRACE : READ, work);
  }

  async getPatient(scope, { id }, method) {
    const row = await this.#read(scope, async (tx) => {
      const [found] = await tx.select().from(patients)
        .where(ofClinic(patients, scope, eq(patients.id, id)));
      if (this.accessRows) {
        await trace(tx, scope, method, {
          action: "read", outcome: found ? "OK" : "PATIENT_NOT_FOUND", patient_id: found?.id,
          entity_type: "patient", entity_id: id, entity_version: found?.row_version,
        });
      }
      return found;
    });
    if (!row) throw notFound("PATIENT_NOT_FOUND");
    return patientOf(row);
  }

  async listAppointments(scope, request, method) {
    if (!request.practitioner_id || request.page_token) throw unimplemented("NOT_COMPARED");
    const day = dateText(request.date);
    const limit = request.page_size || 200;
    const hidden = notInArray(appointments.state, ["cancelled", "entered_in_error"]);
    const where = ofClinic(appointments, scope,
      eq(appointments.practitioner_id, request.practitioner_id),
      gte(appointments.starts_at, iso(instantOf(`${day}T00:00`, scope.zone))),
      lt(appointments.starts_at, iso(instantOf(`${addDays(day, 1)}T00:00`, scope.zone))),
      request.show_cancelled ? undefined : hidden);
    const rows = await this.#read(scope, async (tx) => {
      const found = await visitsOf(tx, scope, where, limit + 1);
      if (this.accessRows) {
        await trace(tx, scope, method, { action: "read", entity_type: "appointment" });
      }
      return found;
    });
    if (rows.length > limit) throw unimplemented("PAGES_ARE_NOT_COMPARED");
    return { appointments: rows.map((row) => appointmentOf(row, this.kinds)) };
  }

  async searchPatients(scope, request, method) {
    const [[from, to], ...others] = searchRanges(request.query);
    const rows = await this.#read(scope, async (tx) => {
      const having = (range) => tx.select({ id: patientTokens.patient_id }).from(patientTokens)
        .where(ofClinic(patientTokens, scope,
          gte(patientTokens.token, range[0]), lt(patientTokens.token, range[1])));
      const found = await tx.select().from(patients)
        .where(ofClinic(patients, scope,
          inArray(patients.id, having([from, to])),
          ...others.map((range) => inArray(patients.id, having(range)))))
        .orderBy(asc(patients.family_name), asc(patients.given_name), asc(patients.id))
        .limit(request.page_size || 20);
      if (this.accessRows) {
        await trace(tx, scope, method, { action: "read", entity_type: "patient" });
      }
      return found;
    });
    return { patients: rows.map(patientOf) };
  }

  // Runs a change once for its key; what it refuses leaves a trace in a transaction of its own.
  async #change(scope, call, event, work) {
    try {
      return await this.#transaction(scope, CHANGE, async (tx) => {
        await tx.execute(
          sql`SELECT pg_advisory_xact_lock(${lockKey(scope.clinic)}, ${lockKey(call.requestId)})`);
        const [stored] = await tx.select().from(idempotencyKeys)
          .where(ofClinic(idempotencyKeys, scope,
            eq(idempotencyKeys.membership_id, scope.user),
            eq(idempotencyKeys.request_id, call.requestId)));
        return stored ? replayOf(stored, call) : work(tx);
      });
    } catch (error) {
      const cause = error.cause ?? error;
      const absent =
        cause.code === PG_FOREIGN_KEY_VIOLATION && cause.constraint.endsWith("patient_fk");
      const refusal = absent ? notFound("PATIENT_NOT_FOUND") : error;
      if (!(refusal instanceof Refusal)) throw error;
      await this.#transaction(scope, CHANGE, (tx) => trace(tx, scope, call.method,
        { ...event, outcome: refusal.reason, request_id: call.requestId }));
      throw refusal;
    }
  }

  async #finish(tx, scope, call, event, change, message) {
    const response = call.serialize(message);
    const version = versionOf(message.etag);
    const eventId = newId();
    await trace(tx, scope, call.method, {
      ...event, id: eventId, entity_type: "appointment", entity_id: message.id,
      entity_version: version, patient_id: message.patient_id,
      after_sealed: Buffer.from(JSON.stringify(message)),
      request_id: call.requestId,
    });
    await tx.insert(changes).values({
      clinic_id: scope.clinic, id: newId(), entity_type: "appointment", entity_id: message.id,
      row_version: version, ...change,
    });
    await tx.insert(idempotencyKeys).values({
      clinic_id: scope.clinic, membership_id: scope.user, request_id: call.requestId,
      method: call.method, request_hash: call.hash, response, event_id: eventId,
    });
    return response;
  }

  #insertEvent(tx, scope, kind, visit, occurredAt) {
    return tx.insert(appointmentEvents).values({
      clinic_id: scope.clinic, appointment_id: visit.id, row_version: visit.row_version, kind,
      state: visit.state, practitioner_id: visit.practitioner_id, local_start: visit.local_start,
      time_zone: visit.time_zone, duration_minutes: visit.duration_minutes,
      occurred_at: occurredAt, caused_by: scope.user,
    });
  }

  async #checkBookable(tx, scope, form, plan) {
    const day = form.local_start.slice(0, 10);
    const [hours] = await tx.select({ id: workingHours.id }).from(workingHours)
      .where(ofClinic(workingHours, scope, or(eq(workingHours.owner_kind, "location"),
        eq(workingHours.practitioner_id, form.practitioner_id)))).limit(1);
    const [exception] = await tx.select({ id: scheduleExceptions.id }).from(scheduleExceptions)
      .where(ofClinic(scheduleExceptions, scope, gte(scheduleExceptions.last_on, addDays(day, -2)),
        lte(scheduleExceptions.first_on, addDays(day, 3)))).limit(1);
    if (hours || exception) throw hoursAreNotCompared();
    for (const each of plan.days) {
      await tx.execute(sql`SELECT pg_advisory_xact_lock_shared(
        hashtextextended(concat_ws(' ', ${scope.clinic}::uuid, ${each}::text), 0))`);
    }
    const [practitioner] = await tx.select().from(practitioners)
      .where(ofClinic(practitioners, scope, eq(practitioners.id, form.practitioner_id)));
    if (!practitioner) throw notFound("PRACTITIONER_NOT_FOUND");
    if (!practitioner.active) throw failedPrecondition("PRACTITIONER_INACTIVE");
    return practitioner;
  }

  async createAppointment(scope, request, call) {
    if (request.hold_id) throw unimplemented("HOLDS_ARE_NOT_COMPARED");
    const form = request.appointment;
    const plan = planOf(form, scope);
    return this.#change(scope, call, { action: "create" }, async (tx) => {
      const practitioner = await this.#checkBookable(tx, scope, form, plan);
      const now = iso(Date.now());
      const [visit] = await tx.insert(appointments).values({
        clinic_id: scope.clinic, id: newId(), patient_id: form.patient_id,
        practitioner_id: practitioner.id, local_start: `${form.local_start}:00`,
        time_zone: scope.zone, duration_minutes: form.duration_minutes, starts_at: iso(plan.starts),
        ends_at: iso(plan.ends), reason: form.reason ?? "", created_at: now, updated_at: now,
        created_by: scope.user,
      }).returning();
      const part = {
        clinic_id: scope.clinic, appointment_id: visit.id, starts_at: visit.starts_at,
        ends_at: visit.ends_at, offset_minutes: 0, duration_minutes: visit.duration_minutes,
      };
      const parts = [
        {
          ...part, position: 1, practitioner_id: practitioner.id,
          person_id: practitioner.person_id,
        },
        { ...part, position: 2, patient_id: visit.patient_id },
      ];
      // All who book take them in the same order, or two could wait for each other.
      const occupant = ({ person_id, practitioner_id, patient_id }) =>
        person_id ?? practitioner_id ?? patient_id;
      parts.sort((a, b) => (occupant(a) < occupant(b) ? -1 : 1));
      const taken = await tx.insert(occupancies).values(parts).onConflictDoNothing()
        .returning({ position: occupancies.position });
      if (taken.length < parts.length) throw failedPrecondition("APPOINTMENT_SLOT_TAKEN");
      await this.#insertEvent(tx, scope, "booked", visit, now);
      const [booked] = await visitsOf(tx, scope,
        ofClinic(appointments, scope, eq(appointments.id, visit.id)), 1);
      return this.#finish(tx, scope, call, { action: "create" },
        { was_on: null, is_on: plan.days[0] }, appointmentOf(booked, this.kinds));
    });
  }

  async checkInAppointment(scope, request, call) {
    const where = ofClinic(appointments, scope, eq(appointments.id, request.id));
    const event = { action: "execute", entity_type: "appointment", entity_id: request.id };
    return this.#change(scope, call, event, async (tx) => {
      const now = Date.now();
      const version = versionOf(request.etag);
      const [locked] = await tx.select().from(appointments).where(where).for("no key update");
      if (!locked) throw notFound("APPOINTMENT_NOT_FOUND");
      const [before] = await visitsOf(tx, scope, where, 1);
      const stale = version !== null && version !== locked.row_version;
      if (!mayArrive(locked, now) || stale) throw arrivalRefusal(locked, now);
      const [changed] = await tx.update(appointments).set({
        state: "arrived", arrived_at: iso(now), updated_at: iso(now),
        row_version: sql`${appointments.row_version} + 1`,
      }).where(where).returning();
      await this.#insertEvent(tx, scope, "arrived", changed, iso(now));
      const after = {
        ...changed, patient_given_name: before.patient_given_name,
        patient_family_name: before.patient_family_name, allocations: before.allocations,
      };
      const day = changed.starts_at.slice(0, 10);
      return this.#finish(tx, scope, call, {
        action: "execute", changed_fields: "arrive_time,state",
        before_sealed: Buffer.from(JSON.stringify(appointmentOf(before, this.kinds))),
      }, { was_on: day, is_on: day }, appointmentOf(after, this.kinds));
    });
  }

  close() {
    return this.pool.end();
  }
}
