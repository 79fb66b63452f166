// Rows of the database as messages of the API.
import { dateOf, timestampOf } from "./values.mjs";

const SEX = { unspecified: 0, female: 1, male: 2, other: 3, unknown: 4 };
const STATE = {
  booked: 1, arrived: 2, cancelled: 3, confirmed: 4, in_chair: 5, completed: 6, no_show: 7,
  entered_in_error: 8,
};
const CANCELLED_BY = { patient: 1, clinic: 2 };

const etagOf = (version) => `"${version}"`;
/** The version in an etag; null where there is none. */
export const versionOf = (etag) => (etag ? Number(etag.replaceAll('"', "")) : null);

export function patientOf(row) {
  return {
    id: row.id,
    given_name: row.given_name,
    family_name: row.family_name,
    birth_date: dateOf(row.born_on),
    sex: SEX[row.sex],
    file_number: row.file_number ?? "",
    phone: row.phone,
    email: row.email,
    address: row.address,
    vip: row.vip,
    alert: row.alert,
    external_id: row.external_id ?? "",
    create_time: timestampOf(row.created_at),
    update_time: timestampOf(row.updated_at),
    etag: etagOf(row.row_version),
  };
}

/** Of the text that the statements join parts to, by the numbers that `kinds` gives their kinds. */
function allocationsOf(text, kinds) {
  if (!text) return [];
  return text.split(",").map((part) => {
    const [kind, id, offset, duration] = part.split(" ");
    return {
      kind: kinds[`RESOURCE_KIND_${kind.toUpperCase()}`],
      resource_id: id,
      offset_minutes: Number(offset),
      duration_minutes: Number(duration),
    };
  });
}

export function appointmentOf(row, kinds) {
  const message = {
    id: row.id,
    patient_id: row.patient_id,
    practitioner_id: row.practitioner_id,
    local_start: `${row.local_start.slice(0, 10)}T${row.local_start.slice(11, 16)}`,
    duration_minutes: row.duration_minutes,
    reason: row.reason,
    time_zone: row.time_zone,
    start_time: timestampOf(row.starts_at),
    end_time: timestampOf(row.ends_at),
    state: STATE[row.state],
    patient_given_name: row.patient_given_name,
    patient_family_name: row.patient_family_name,
    external_id: row.external_id ?? "",
    create_time: timestampOf(row.created_at),
    etag: etagOf(row.row_version),
    allocations: allocationsOf(row.allocations, kinds),
    buffer_before_minutes: row.buffer_before_minutes,
    buffer_after_minutes: row.buffer_after_minutes,
    lane: row.lane,
    overbook_reason: row.overbook_reason ?? "",
    series_id: row.series_id ?? "",
    series_ordinal: row.series_ordinal ?? 0,
    series_exception: row.series_exception,
  };
  if (row.confirmed_at !== null) message.confirm_time = timestampOf(row.confirmed_at);
  if (row.arrived_at !== null) message.arrive_time = timestampOf(row.arrived_at);
  if (row.seated_at !== null) message.seat_time = timestampOf(row.seated_at);
  if (row.completed_at !== null) message.complete_time = timestampOf(row.completed_at);
  if (row.no_show_at !== null) message.no_show_time = timestampOf(row.no_show_at);
  if (row.cancelled_at !== null) {
    message.cancel_time = timestampOf(row.cancelled_at);
    message.cancelled_by = CANCELLED_BY[row.cancelled_by];
    message.cancel_reason = row.cancel_reason;
    message.cancelled_late = row.cancelled_late;
  }
  return message;
}

/** What a message was before a change of state, from the old_* columns of the same row. */
export function beforeOf(row, kinds) {
  return appointmentOf({
    ...row,
    state: row.old_state,
    confirmed_at: row.old_confirmed_at,
    arrived_at: row.old_arrived_at,
    seated_at: row.old_seated_at,
    completed_at: row.old_completed_at,
    no_show_at: row.old_no_show_at,
    row_version: row.row_version - 1,
  }, kinds);
}
