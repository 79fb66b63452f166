// What a call left in the database, without what differs from call to call.

// Ids of events and notices, moments and transactions; what each program says of itself.
const OWN = new Set([
  "recorded_at", "transaction_number", "occurred_at", "changed_at", "created_at", "updated_at",
  "arrived_at", "session_id", "request_id", "client_address", "user_agent", "node", "build",
  "request_hash", "response", "time_zone_version",
]);
// Of which it matters only whether they are there.
const SEALED = new Set(["before_sealed", "after_sealed"]);

const TABLES = {
  appointments: "id = $1",
  occupancies: "holder_id = $1",
  appointment_events: "appointment_id = $1",
  changes: "entity_id = $1",
};

const comparable = (row, names) => JSON.stringify(Object.fromEntries(Object.entries(row)
  .filter(([key]) => !OWN.has(key))
  .map(([key, value]) => [key, SEALED.has(key) ? value !== null : value])),
(key, value) => names[value] ?? value);

async function rowsOf(database, statement, values, names) {
  const { rows } = await database.query(statement, values);
  return rows.map((row) => comparable(row, names)).sort();
}

/** The rows of an appointment in every table of the day's work. `names` replaces values. */
export async function effectsOf(database, id, names = {}) {
  const effects = {};
  for (const [table, where] of Object.entries(TABLES)) {
    effects[table] = (await rowsOf(database,
      `SELECT row.* FROM clinicd.${table} AS row WHERE ${where}`, [id],
      { ...names, [id]: "ID" })).map((text) =>
        table === "changes" ? text.replace(/"id":"[^"]*",/, "") : text);
  }
  return effects;
}

/** How many events there are, to tell new ones from. */
export async function newestEvent(database) {
  const { rows: [{ newest }] } = await database.query(
    "SELECT coalesce(max(transaction_number), 0) AS newest FROM clinicd.audit_events");
  return newest;
}

/** The events since, each without its id. Keys are made by clinicd only, which alone seals. */
export async function eventsAfter(database, newest, names = {}) {
  const rows = await rowsOf(database,
    "SELECT row.* FROM clinicd.audit_events AS row WHERE transaction_number > $1 " +
      "AND category <> 'key'", [newest], names);
  return rows.map((text) => text.replace(/"id":"[^"]*",/, ""));
}

/** How many answers are kept for a request. */
export async function keptAnswers(database, request) {
  const { rows: [{ kept }] } = await database.query(
    "SELECT count(*)::int AS kept FROM clinicd.idempotency_keys WHERE request_id = $1::uuid " +
      "AND length(request_hash) = 32 AND length(response) > 0 AND event_id IN " +
      "(SELECT id FROM clinicd.audit_events WHERE request_id = $1::text)", [request]);
  return kept;
}
