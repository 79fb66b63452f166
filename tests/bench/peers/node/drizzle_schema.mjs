// The tables of the comparison, as Drizzle is told of them.
import {
  bigint, boolean, customType, date, integer, pgSchema, smallint, text, timestamp, uuid,
} from "drizzle-orm/pg-core";

const clinicd = pgSchema("clinicd");
const bytea = customType({ dataType: () => "bytea" });
const instant = (name) => timestamp(name, { withTimezone: true, mode: "string" });
const number = (name) => bigint(name, { mode: "number" });

export const patients = clinicd.table("patients", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  given_name: text().notNull(),
  family_name: text().notNull(),
  born_on: date({ mode: "string" }).notNull(),
  sex: text().notNull(),
  file_number: text(),
  phone: text().notNull(),
  email: text().notNull(),
  address: text().notNull(),
  vip: boolean().notNull(),
  alert: text().notNull(),
  external_id: text(),
  row_version: number("row_version").notNull(),
  created_at: instant("created_at").notNull(),
  updated_at: instant("updated_at").notNull(),
});

export const patientTokens = clinicd.table("patient_tokens", {
  clinic_id: uuid().notNull(),
  token: text().notNull(),
  patient_id: uuid().notNull(),
});

export const practitioners = clinicd.table("practitioners", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  active: boolean().notNull(),
  person_id: uuid(),
});

export const resources = clinicd.table("resources", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  kind: text().notNull(),
});

export const workingHours = clinicd.table("working_hours", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  owner_kind: text().notNull(),
  practitioner_id: uuid(),
});

export const scheduleExceptions = clinicd.table("schedule_exceptions", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  first_on: date({ mode: "string" }).notNull(),
  last_on: date({ mode: "string" }).notNull(),
});

export const appointments = clinicd.table("appointments", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  patient_id: uuid().notNull(),
  practitioner_id: uuid().notNull(),
  local_start: timestamp({ mode: "string" }).notNull(),
  time_zone: text().notNull(),
  duration_minutes: integer().notNull(),
  starts_at: instant("starts_at").notNull(),
  ends_at: instant("ends_at").notNull(),
  buffer_before_minutes: integer().notNull().default(0),
  buffer_after_minutes: integer().notNull().default(0),
  lane: smallint().notNull().default(0),
  overbook_reason: text(),
  reason: text().notNull().default(""),
  state: text().notNull().default("booked"),
  confirmed_at: instant("confirmed_at"),
  arrived_at: instant("arrived_at"),
  seated_at: instant("seated_at"),
  completed_at: instant("completed_at"),
  no_show_at: instant("no_show_at"),
  cancelled_at: instant("cancelled_at"),
  cancelled_by: text(),
  cancel_reason: text(),
  cancelled_late: boolean(),
  external_id: text(),
  row_version: number("row_version").notNull().default(1),
  created_at: instant("created_at").notNull().defaultNow(),
  created_by: uuid(),
  updated_at: instant("updated_at").notNull().defaultNow(),
  series_id: uuid(),
  series_ordinal: integer(),
  series_exception: boolean().notNull().default(false),
});

export const occupancies = clinicd.table("occupancies", {
  clinic_id: uuid().notNull(),
  holder_id: uuid().generatedAlwaysAs(""),
  position: smallint().notNull(),
  appointment_id: uuid(),
  occupant_id: uuid().generatedAlwaysAs(""),
  practitioner_id: uuid(),
  resource_id: uuid(),
  patient_id: uuid(),
  person_id: uuid(),
  starts_at: instant("starts_at").notNull(),
  ends_at: instant("ends_at").notNull(),
  offset_minutes: integer().notNull(),
  duration_minutes: integer().notNull(),
});

export const appointmentEvents = clinicd.table("appointment_events", {
  clinic_id: uuid().notNull(),
  appointment_id: uuid().notNull(),
  row_version: number("row_version").notNull(),
  kind: text().notNull(),
  state: text().notNull(),
  practitioner_id: uuid().notNull(),
  local_start: timestamp({ mode: "string" }).notNull(),
  time_zone: text().notNull(),
  duration_minutes: integer().notNull(),
  occurred_at: instant("occurred_at").notNull(),
  caused_by: uuid(),
});

export const auditEvents = clinicd.table("audit_events", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  occurred_at: instant("occurred_at").notNull(),
  category: text().notNull(),
  action: text().notNull(),
  method: text().notNull(),
  outcome: text().notNull(),
  actor_id: uuid(),
  actor_roles: text().notNull(),
  purpose: text().notNull(),
  session_id: uuid(),
  patient_id: uuid(),
  entity_type: text(),
  entity_id: uuid(),
  entity_version: number("entity_version"),
  changed_fields: text().notNull(),
  before_sealed: bytea(),
  after_sealed: bytea(),
  request_id: text(),
  client_address: text().notNull(),
  user_agent: text().notNull(),
  node: text().notNull(),
  build: text().notNull(),
});

export const changes = clinicd.table("changes", {
  clinic_id: uuid().notNull(),
  id: uuid().notNull(),
  entity_type: text().notNull(),
  entity_id: uuid().notNull(),
  row_version: number("row_version").notNull(),
  was_on: date({ mode: "string" }),
  is_on: date({ mode: "string" }),
});

export const idempotencyKeys = clinicd.table("idempotency_keys", {
  clinic_id: uuid().notNull(),
  membership_id: uuid().notNull(),
  request_id: uuid().notNull(),
  method: text().notNull(),
  request_hash: bytea().notNull(),
  response: bytea().notNull(),
  event_id: uuid(),
});
