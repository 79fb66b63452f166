// Holds every peer to clinicd: the same answers for the same rows, the same rows left behind, the
// clinics apart, and no time given away twice. One that is quick because it does less is no peer.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { adminDatabase, ROOT } from "../node/facts.mjs";
import { PEERS } from "../node/options.mjs";
import { applyFile } from "../node/start_postgrest.mjs";
import { sign } from "../node/token.mjs";
import { types } from "../node/database_pg.mjs";
import { GrpcClient, HttpClient, loadComparable } from "./clients.mjs";
import { effectsOf, eventsAfter, keptAnswers, newestEvent } from "./effects.mjs";
import * as fixture from "./fixture.mjs";
import { Program } from "./processes.mjs";

const { HISTORY, patient, practitioner, visit } = fixture;
const build = process.env.CLINICD_BINARY_DIR ?? join(ROOT, "build/release");
const start = join(dirname(fileURLToPath(import.meta.url)), "../start.sh");
const api = loadComparable(join(build, "generated/clinicd.binpb"));
const work = mkdtempSync(join(tmpdir(), "clinicd-peers-"));
// PostgreSQL, which runs under an account of its own, has to get through.
chmodSync(work, 0o711);

let server;
let facts;
let database;
let clinicd;
// Who may do what, before any peer came.
let rights;
// What clinicd answers and leaves behind.
const wanted = {};
// Each server books on days of its own; the peers one after the other.
let servers = 0;

before(async () => {
  server = new Program(join(build, "tests/bench_server"), [
    "--data", join(work, "data"), "--patients=60", "--practitioners=3"]);
  const line = await server.ready();
  writeFileSync(join(work, "facts"), line);
  facts = JSON.parse(line);
  database = new pg.Client({ ...adminDatabase(facts), types });
  await database.connect();
  await fixture.fill(database, facts.clinic);
  rights = await rightsOf();
  clinicd = new GrpcClient(api, facts.target, facts.token);
  Object.assign(wanted, await workOf(clinicd));
}, { timeout: 120_000 });

after(async () => {
  clinicd?.close();
  await database?.end();
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

async function rightsOf() {
  const { rows: policies } = await database.query(
    "SELECT * FROM pg_policies ORDER BY schemaname, tablename, policyname");
  const { rows: grants } = await database.query(
    "SELECT oid::regclass::text AS name, relacl::text FROM pg_class " +
      "WHERE relnamespace = 'clinicd'::regnamespace ORDER BY name");
  const { rows: schemas } = await database.query(
    "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY nspname");
  const { rows: roles } = await database.query("SELECT rolname FROM pg_roles ORDER BY rolname");
  return { policies, grants, schemas, roles };
}

// Who is on the database, and whether row-level security does not bind them.
async function sessionsOf() {
  const { rows } = await database.query(
    "SELECT pid, rolname AS role, rolsuper OR rolbypassrls AS free FROM pg_stat_activity " +
      "JOIN pg_roles ON rolname = usename WHERE datname = current_database()");
  return rows;
}

const booking = (who, whom, day) => ({
  patient_id: patient(who), practitioner_id: practitioner(whom), local_start: `${day}T10:15`,
  duration_minutes: 20,
});

// Runs `call` and says which events it left.
async function traced(call, names) {
  const newest = await newestEvent(database);
  const answer = await call();
  return { answer, events: await eventsAfter(database, newest, names) };
}

// Days and their instants as if all servers had worked on the same one.
function withoutDay(value, day) {
  const begin = Date.parse(`${day}T00:00:00Z`) / 1000;
  return JSON.parse(JSON.stringify(value, (key, each) => {
    if (typeof each === "string") return each.replaceAll(day, "DAY");
    return key === "seconds" && each >= begin && each < begin + 86_400 ? each - begin : each;
  }));
}

// Without what the server chose for this one, and when it did.
function anonymous(answer, day) {
  if (!answer.message) return answer;
  const { id, create_time: made, arrive_time: came, start_time: starts, ...rest } = answer.message;
  const message = { ...rest, id: typeof id, made: made !== null, came: came !== null };
  return withoutDay({ message }, day);
}

// One of each call of the comparison, and what it left.
async function workOf(client) {
  const day = `2031-07-${String(++servers).padStart(2, "0")}`;
  const done = {};
  for (const n of [1, 2, 3]) {
    done[`patient${n}`] = await traced(() => client.getPatient(patient(n)));
  }
  done.missing = await traced(() => client.getPatient(fixture.NOBODY));
  done.foreign = await traced(() => client.getPatient(fixture.OTHER_PATIENT));
  done.day = await traced(() => client.listDay(practitioner(1), HISTORY));
  done.foreignDay = await traced(() => client.listDay(fixture.OTHER_PRACTITIONER, HISTORY));
  done.search = await traced(() => client.search("family1"));
  done.searchTwo = await traced(() => client.search("given2 Family2"));

  const request = randomUUID();
  const first = await traced(() => client.book(booking(1, 2, day), request));
  const id = first.answer.message?.id;
  done.booked = { answer: anonymous(first.answer, day), events: named(first.events, id) };
  done.bookedRows = withoutDay(await effectsOf(database, id), day);
  done.repeated = await traced(() => client.book(booking(1, 2, day), request));
  done.repeated.answer = { same: done.repeated.answer.message?.id === id };
  done.kept = await keptAnswers(database, request);
  done.practitionerTaken = await traced(() => client.book(booking(2, 2, day), randomUUID()));
  done.patientTaken = await traced(() => client.book(booking(1, 3, day), randomUUID()));
  const free = booking(4, 3, day);
  done.patientAbsent = await traced(() =>
    client.book({ ...free, patient_id: fixture.OTHER_PATIENT }, randomUUID()));
  done.practitionerAbsent = await traced(() =>
    client.book({ ...free, practitioner_id: fixture.OTHER_PRACTITIONER }, randomUUID()));
  const { rows: [{ booked }] } = await database.query(
    "SELECT count(*)::int AS booked FROM clinicd.appointments WHERE local_start::date = $1", [day]);
  done.bookings = booked;

  const arrival = visit(servers);
  const arrived = await traced(() => client.checkIn(arrival, randomUUID()));
  const names = { [patient(servers)]: "PATIENT", [arrival]: "ID" };
  const { state, arrive_time: came } = arrived.answer.message ?? {};
  done.arrived = {
    answer: { state, came: Boolean(came) },
    events: named(named(arrived.events, arrival), patient(servers), "PATIENT"),
  };
  const effects = await effectsOf(database, arrival, names);
  done.arrivedRows = effects.appointment_events.length;
  done.arrivedChanges = effects.changes.map((text) => text.replaceAll(/\d{4}-\d\d-\d\d/g, "DAY"));
  done.arrivedTwice = await traced(() => client.checkIn(arrival, randomUUID()));
  done.arrivedTwice.events = named(done.arrivedTwice.events, arrival);
  done.arrivedElsewhere = await traced(() => client.checkIn(fixture.OTHER_VISIT, randomUUID()));
  return done;
}

const named = (texts, id, name = "ID") => texts.map((text) => text.replaceAll(id, name));

describe("clinicd itself", () => {
  it("gives what the comparison is about", () => {
    assert.equal(wanted.patient1.answer.message.family_name, "Family1");
    assert.equal(wanted.missing.answer.reason, "PATIENT_NOT_FOUND");
    assert.equal(wanted.foreign.answer.code, "NOT_FOUND");
    assert.equal(wanted.day.answer.message.appointments.length, 16);
    assert.equal(wanted.foreignDay.answer.message.appointments.length, 0);
    assert.equal(wanted.search.answer.message.patients.length, 11);
    assert.equal(wanted.searchTwo.answer.message.patients.length > 0, true);
    assert.equal(wanted.booked.answer.message.state, "STATE_BOOKED");
    assert.equal(wanted.bookedRows.occupancies.length, 2);
    assert.equal(wanted.bookedRows.appointment_events.length, 1);
    assert.equal(wanted.bookedRows.changes.length, 1);
    assert.deepEqual(wanted.repeated, { answer: { same: true }, events: [] });
    assert.equal(wanted.kept, 1);
    assert.equal(wanted.practitionerTaken.answer.reason, "APPOINTMENT_SLOT_TAKEN");
    assert.equal(wanted.patientTaken.answer.reason, "APPOINTMENT_SLOT_TAKEN");
    assert.equal(wanted.bookings, 1);
    assert.equal(wanted.arrived.answer.state, "STATE_ARRIVED");
    assert.equal(wanted.arrivedTwice.answer.reason, "APPOINTMENT_ILLEGAL_TRANSITION");
    assert.equal(wanted.arrivedElsewhere.answer.reason, "APPOINTMENT_NOT_FOUND");
  });
});

for (const peer of PEERS) {
  describe(peer, () => {
    let program;
    let ready;
    let done;
    // The sessions on the database that are not the peer's.
    let earlier;
    const client = (token, traces = true) => (ready.kind === "http"
      ? new HttpClient(api, ready.target, token,
        { zone: "Europe/Madrid", paths: ready.paths, traced: traces })
      : new GrpcClient(api, ready.target, token));
    const using = async (token, work, traces) => {
      const one = client(token, traces);
      try {
        return await work(one);
      } finally {
        one.close();
      }
    };

    before(async () => {
      earlier = new Set((await sessionsOf()).map(({ pid }) => pid));
      program = new Program(start, [peer, "--facts", join(work, "facts"), "--build", build,
        "--clinics", "all", "--processes", "2", "--pool", "4"]);
      ready = JSON.parse(await program.ready());
      done = await using(ready.token, workOf);
    }, { timeout: 60_000 });

    after(() => program?.stop());

    it("answers reads as clinicd does, and leaves the same trace", () => {
      for (const name of ["patient1", "patient2", "patient3", "missing", "day", "search",
        "searchTwo"]) {
        assert.deepEqual(done[name], wanted[name], name);
      }
    });

    it("shows nothing of another clinic", async () => {
      for (const name of ["foreign", "foreignDay", "patientAbsent", "practitionerAbsent",
        "arrivedElsewhere"]) {
        assert.deepEqual(done[name], wanted[name], name);
      }
      await using(ready.tokens[fixture.OTHER], async (other) => {
        assert.equal((await other.getPatient(fixture.OTHER_PATIENT)).message?.given_name, "Ana");
        assert.equal((await other.getPatient(patient(1))).reason, "PATIENT_NOT_FOUND");
        assert.deepEqual((await other.listDay(practitioner(1), HISTORY)).message.appointments, []);
        const found = (await other.search("family1")).message.patients;
        assert.deepEqual(found.map(({ id }) => id), [fixture.OTHER_PATIENT]);
      });
    });

    it("books once, all or nothing, with every row that clinicd writes", () => {
      assert.deepEqual(done.booked, wanted.booked);
      assert.deepEqual(done.bookedRows, wanted.bookedRows);
      assert.deepEqual(done.repeated, wanted.repeated);
      assert.equal(done.kept, wanted.kept);
    });

    it("refuses a time that is taken, keeps nothing of it but the trace", () => {
      assert.deepEqual(done.practitionerTaken, wanted.practitionerTaken);
      assert.deepEqual(done.patientTaken, wanted.patientTaken);
      assert.equal(done.bookings, wanted.bookings);
    });

    it("lets one of many who race for a time have it", async () => {
      const day = `2031-08-${String(servers).padStart(2, "0")}`;
      const answers = await using(ready.token, (one) => Promise.all(
        Array.from({ length: 16 }, (_, n) => one.book(booking(10 + n, 3, day), randomUUID()))));
      assert.equal(answers.filter(({ message }) => message).length, 1);
      const others = answers.filter(({ message }) => !message).map(({ reason }) => reason);
      assert.deepEqual(new Set(others), new Set(["APPOINTMENT_SLOT_TAKEN"]));
    });

    it("checks in as clinicd does", () => {
      for (const name of ["arrived", "arrivedRows", "arrivedChanges", "arrivedTwice"]) {
        assert.deepEqual(done[name], wanted[name], name);
      }
    });

    const other = peer !== "postgrest";
    it("reads without a trace where none is asked for", { skip: other }, async () => {
      await using(ready.token, async (one) => {
        const { answer, events } = await traced(async () => [
          await one.getPatient(patient(2)), await one.listDay(practitioner(1), HISTORY),
          await one.search("family1")]);
        assert.deepEqual(answer,
          [wanted.patient2.answer, wanted.day.answer, wanted.search.answer]);
        assert.deepEqual(events, []);
      }, false);
    });

    it("knows only whom it gave a token", async () => {
      const claims = JSON.parse(Buffer.from(ready.token.split(".")[1], "base64url"));
      const forged = sign(claims, "0".repeat(64));
      const expired = sign({ ...claims, exp: Math.floor(Date.now() / 1000) - 60 }, ready.secret);
      for (const token of [undefined, forged, expired]) {
        const refused = await using(token, (one) => one.getPatient(patient(1)));
        assert.equal(refused.code, "UNAUTHENTICATED");
      }
    });

    it("is bound by row-level security", async () => {
      const role = peer === "postgrest" ? "bench_authenticator" : "clinicd_app";
      const sessions = (await sessionsOf()).filter(({ pid }) => !earlier.has(pid));
      assert.equal(sessions.length > 0, true);
      for (const session of sessions) {
        assert.deepEqual(session, { pid: session.pid, role, free: false });
      }
    });
  });
}

describe("remove.sql", () => {
  it("takes away all that prepare.sql brought", async () => {
    const { roles } = await rightsOf();
    assert.equal(roles.some(({ rolname }) => rolname === "bench_web"), true);
    await applyFile(facts, "remove.sql");
    assert.deepEqual(await rightsOf(), rights);
    await applyFile(facts, "remove.sql");
  });
});
