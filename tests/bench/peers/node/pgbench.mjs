// Writes scripts for pgbench out of the statements of db/queries, and runs them; see pgbench.sh.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { adminDatabase, appDatabase, readFacts } from "./facts.mjs";
import { sqlOf, withParameters } from "./queries.mjs";
import { applyFile } from "./start_postgrest.mjs";
import { SETTINGS } from "./transaction.mjs";

const FIRST_CLINIC = 0x3000000;
const FIRST_PRACTITIONER = 0x1000000;
const ZONE = "Europe/Madrid";
const numbered = (expression) => `lpad(to_hex((${expression})::bigint), 32, '0')::uuid`;

// Which clinics, patients, practitioners and days there are, as bench_server makes them.
function keysOf({ clinic, patients, practitioners, dataset }) {
  const lines = [`\\set n random(1, ${patients})`, `\\set p random(1, ${practitioners})`];
  // A parameter, as clinicd has it: with a number in its place the planner would believe in a plan
  // of its own for each call, and plan longer than it runs.
  lines.push("\\set row_limit 201");
  const single = dataset === undefined;
  lines.push(`\\set d random(0, ${single ? 0 : dataset.days - 1})`);
  if (!single) lines.push(`\\set c random(1, ${dataset.clinics})`);
  return {
    lines,
    clinic: single ? `'${clinic}'::uuid` : numbered(`${FIRST_CLINIC} + :c::bigint`),
    patient: numbered(":n::bigint"),
    practitioner: numbered(`${FIRST_PRACTITIONER} + :p::bigint`),
    day: `(date '${single ? "2026-01-02" : dataset.first_day}' + :d::integer)`,
  };
}

const midnight = (day) => `((${day})::timestamp AT TIME ZONE '${ZONE}')`;

// A UUIDv7 of now, as the server makes them.
const EVENT = "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' || " +
  "substr(md5(random()::text), 1, 16))::uuid";

function valuesOf(keys, facts) {
  return {
    clinic_id: keys.clinic,
    id: keys.patient,
    practitioner_id: keys.practitioner,
    after_starts_at: midnight(keys.day),
    after_id: "'00000000-0000-0000-0000-000000000000'::uuid",
    before_starts_at: midnight(`${keys.day} + 1`),
    show_cancelled: "false",
    row_limit: ":row_limit",
    entity_id: keys.patient,
    occurred_at: "now()",
    method: "'clinicd.patients.v1.PatientService/GetPatient'",
    outcome_missing: "'PATIENT_NOT_FOUND'",
    actor_id: `'${facts.user}'::uuid`,
    actor_roles: "'receptionist'",
    session_id: "'018f0000-0000-7000-8000-0000000000f1'::uuid",
    client_address: "'local'",
    user_agent: "'pgbench'",
    node: "''",
    build: "'pgbench'",
    purpose: "''",
  };
}

const STATEMENTS = {
  W1: ["patients/get_patient"],
  W2: ["appointments/list_practitioner_appointments"],
  W7: ["patients/get_patient", "audit/insert_patient_access"],
};

/** The four or five statements of clinicd. */
function clinicdScript(workload, facts, pipelined) {
  const keys = keysOf(facts);
  const values = valuesOf(keys, facts);
  const settings = { 1: `(${keys.clinic})::text`, 2: `'${facts.user}'`, 3: "'off'",
    4: workload === "W7" ? "'off'" : "'on'" };
  const statements = STATEMENTS[workload].map((path) => withParameters(sqlOf(path), (name) =>
    (name === "id" && path.startsWith("audit/") ? EVENT : values[name])));
  return [
    ...keys.lines,
    ...(pipelined ? ["\\startpipeline"] : []),
    "BEGIN;",
    `${SETTINGS.text.replace(/\$(\d)/g, (_, number) => settings[number])};`,
    ...statements.map((statement) => `${statement};`),
    "COMMIT;",
    ...(pipelined ? ["\\endpipeline"] : []),
  ].join("\n");
}

const BODY = "SELECT null::bigint AS total_result_set, " +
  "pg_catalog.count(_postgrest_t) AS page_total, " +
  "coalesce(json_agg(_postgrest_t), '[]') AS body, " +
  "nullif(current_setting('response.headers', true), '') AS response_headers, " +
  "nullif(current_setting('response.status', true), '') AS response_status, " +
  "'' AS response_inserted FROM";

// The requests of the ready line of start.sh, as PostgREST 12.0.2 puts them.
const postgrestRequests = (keys) => ({
  W1: {
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
    method: "GET", path: "/patients",
    sql: 'WITH pgrst_source AS (SELECT "bench_api"."patients".* FROM "bench_api"."patients" ' +
      `WHERE "bench_api"."patients"."id" = ${keys.patient}) ${BODY} ` +
      "(SELECT * FROM pgrst_source) _postgrest_t",
  },
  W2: {
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
    method: "GET", path: "/appointments",
    sql: 'WITH pgrst_source AS (SELECT "bench_api"."appointments".* ' +
      'FROM "bench_api"."appointments" ' +
      `WHERE "bench_api"."appointments"."practitioner_id" = ${keys.practitioner} ` +
      `AND "bench_api"."appointments"."starts_at" >= ${midnight(keys.day)} ` +
      `AND "bench_api"."appointments"."starts_at" < ${midnight(`${keys.day} + 1`)} ` +
      `AND NOT "bench_api"."appointments"."state" = ANY ('{cancelled,entered_in_error}') ` +
      'ORDER BY "bench_api"."appointments"."starts_at", "bench_api"."appointments"."id") ' +
      `${BODY} (SELECT * FROM pgrst_source) _postgrest_t`,
  },
  W7: {
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    method: "POST", path: "/rpc/trace_patient",
    sql: 'WITH pgrst_source AS (SELECT "pgrst_call".* FROM ' +
      `(SELECT json_build_object('patient_id', ${keys.patient}) AS json_data) pgrst_payload, ` +
      "LATERAL (SELECT CASE WHEN json_typeof(pgrst_payload.json_data) = 'array' " +
      "THEN pgrst_payload.json_data ELSE json_build_array(pgrst_payload.json_data) END AS val) " +
      'pgrst_uniform_json, LATERAL (SELECT "patient_id" FROM json_to_recordset(' +
      'pgrst_uniform_json.val) AS _("patient_id" uuid) LIMIT 1) pgrst_body, LATERAL ' +
      '"bench_api"."trace_patient"("patient_id" := pgrst_body."patient_id") pgrst_call) ' +
      `${BODY} (SELECT "patients".* FROM "pgrst_source" AS "patients") _postgrest_t`,
  },
});

function postgrestScript(workload, facts) {
  const keys = keysOf(facts);
  const { begin, method, path, sql } = postgrestRequests(keys)[workload];
  const claims = `format('{"clinic_id":"%s","exp":1893456000,"role":"bench_web",` +
    `"roles":"receptionist","sid":"018f0000-0000-7000-8000-0000000000f1","sub":"${facts.user}",` +
    `"zone":"${ZONE}"}', ${keys.clinic})`;
  const headers = '{"accept":"*/*","host":"localhost","user-agent":"pgbench"}';
  return [
    ...keys.lines,
    `${begin};`,
    `SELECT set_config('search_path', '"bench_api", "public"', true), ` +
      "set_config('role', 'bench_web', true), " +
      `set_config('request.jwt.claims', ${claims}, true), ` +
      `set_config('request.method', '${method}', true), ` +
      `set_config('request.path', '${path}', true), ` +
      `set_config('request.headers', '${headers}', true), ` +
      "set_config('request.cookies', '{}', true);",
    `${sql};`,
    "COMMIT;",
  ].join("\n");
}

function readOptions() {
  const split = process.argv.indexOf("--");
  const own = process.argv.slice(2, split < 0 ? undefined : split);
  const { values } = parseArgs({
    args: own,
    options: {
      facts: { type: "string" },
      workload: { type: "string" },
      shape: { type: "string" },
      print: { type: "boolean" },
    },
  });
  const known = ["simple", "prepared", "pipelined", "postgrest"].includes(values.shape);
  if (!values.facts || !known || !STATEMENTS[values.workload]) {
    throw new Error("--facts, --workload W1|W2|W7 and --shape simple|prepared|pipelined|postgrest");
  }
  return { ...values, pgbench: split < 0 ? [] : process.argv.slice(split + 1) };
}

async function databaseFor(options, facts) {
  if (options.shape !== "postgrest") return appDatabase(facts);
  const password = randomBytes(16).toString("hex");
  await applyFile(facts, "prepare.sql", `ALTER ROLE bench_authenticator PASSWORD '${password}';`);
  return { ...adminDatabase(facts), user: "bench_authenticator", password };
}

function pgbenchProgram() {
  const majors = readdirSync("/usr/lib/postgresql").map(Number).sort((a, b) => b - a);
  return `/usr/lib/postgresql/${majors[0]}/bin/pgbench`;
}

async function main() {
  const options = readOptions();
  const facts = readFacts(options.facts);
  const script = options.shape === "postgrest" ? postgrestScript(options.workload, facts)
    : clinicdScript(options.workload, facts, options.shape === "pipelined");
  if (options.print) {
    console.log(script);
    return 0;
  }
  const { host, port, user, password, database } = await databaseFor(options, facts);
  const work = mkdtempSync(join(tmpdir(), "clinicd-pgbench-"));
  try {
    const file = join(work, "script.sql");
    writeFileSync(file, script);
    return spawnSync(pgbenchProgram(), [
      "-n", "-M", options.shape === "simple" ? "simple" : "prepared", "-f", file,
      "-h", host, "-p", String(port), "-U", user, ...options.pgbench, database,
    ], { stdio: "inherit", env: { ...process.env, PGPASSWORD: password } }).status ?? 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

main().then((status) => { process.exitCode = status; }, (error) => {
  console.error(`pgbench.sh: ${error.message}`);
  process.exitCode = 1;
});
