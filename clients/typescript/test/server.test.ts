// The SDK against a real server: the one whose dev.json is named by CLINICD_DEV_JSON.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";

import { AppointmentService } from "../src/gen/clinicd/appointments/v1/appointment_service_pb.js";
import { PractitionerService } from "../src/gen/clinicd/identity/v1/practitioner_service_pb.js";
import { PatientService } from "../src/gen/clinicd/patients/v1/patient_service_pb.js";
import { ClinicdError, rows, Session, type Tokens, watch } from "../src/index.js";
import { createNodeTransport } from "../src/node.js";

interface DevFile {
  url: string;
  ca: string;
  logins: { clinic: string; email: string; password: string; role: string }[];
}

const devFile = process.env["CLINICD_DEV_JSON"];
const skip = devFile ? false : "CLINICD_DEV_JSON names no server";

async function signIn(wrap: (base: Transport) => Transport = (base) => base, options = {}) {
  const dev = JSON.parse(readFileSync(devFile!, "utf8")) as DevFile;
  const login = dev.logins.find((one) => one.role === "receptionist")!;
  const session = await Session.signIn(
    wrap(createNodeTransport({ url: dev.url, caFile: dev.ca })),
    { clinicSlug: login.clinic, email: login.email, password: login.password },
    options,
  );
  return {
    session,
    appointments: createClient(AppointmentService, session.transport),
    patients: createClient(PatientService, session.transport),
    practitioners: createClient(PractitionerService, session.transport),
  };
}

type Desk = Awaited<ReturnType<typeof signIn>>;

async function booking(desk: Desk, localStart: string, durationMinutes = 30) {
  const { practitioners } = await desk.practitioners.listPractitioners({});
  const { patients } = await desk.patients.listPatients({ pageSize: 1 });
  return {
    appointment: {
      patientId: patients[0]!.id,
      practitionerId: practitioners[0]!.id,
      localStart,
      durationMinutes,
    },
  };
}

/** Loses the answer of the first call of a method: it has worked, and nobody knows. */
function losingFirst(base: Transport, methodName: string): Transport {
  let lost = false;
  return {
    stream: base.stream.bind(base),
    async unary(method, ...more) {
      const answer = await base.unary(method, ...more);
      if (method.name !== methodName || lost) return answer;
      lost = true;
      throw new ConnectError("The connection broke.", Code.Unavailable);
    },
  };
}

test("a booking whose first answer is lost is made once", { skip }, async () => {
  const desk = await signIn((base) => losingFirst(base, "CreateAppointment"));

  const booked = await desk.appointments.createAppointment(await booking(desk, "2031-02-07T10:00"));

  const day = await desk.appointments.listAppointments({ date: { year: 2031, month: 2, day: 7 } });
  assert.deepEqual(day.appointments.map((one) => one.id), [booked.id]);
});

test("an error says what the server says of it", { skip }, async () => {
  const desk = await signIn();
  const request = await booking(desk, "tomorrow", 0);

  await assert.rejects(desk.appointments.createAppointment(request), (error) => {
    assert.ok(error instanceof ClinicdError);
    assert.equal(error.code, Code.InvalidArgument);
    assert.equal(error.reason, "VALIDATION_FAILED");
    assert.deepEqual(
      error.fields.map((one) => one.field),
      ["appointment.local_start", "appointment.duration_minutes"],
    );
    return true;
  });
});

test("several pages are listed as one", { skip }, async () => {
  const { patients } = await signIn();
  const ids = new Set<string>();
  let count = 0;

  for await (const patient of rows(patients.listPatients, { pageSize: 10 }, (p) => p.patients)) {
    ids.add(patient.id);
    count++;
  }

  assert.ok(count > 20);
  assert.equal(ids.size, count);
});

test("tokens that expire soon are exchanged, once for all calls", { skip }, async () => {
  let now = Date.now();
  const exchanged: string[] = [];
  const { session } = await signIn(undefined, {
    now: () => now,
    onTokens: ({ refreshToken }: Tokens) => exchanged.push(refreshToken),
  });
  now += 3_600_000;

  const answers = await Promise.all([1, 2, 3, 4].map(() => session.whoAmI()));

  assert.equal(new Set(answers.map((answer) => answer.sessionId)).size, 1);
  // One pair from signing in, one from the exchange.
  assert.equal(exchanged.length, 2);
  assert.notEqual(exchanged[0], exchanged[1]);
  await session.signOut();
});

/** A stream that its controller can break as a lost connection would. */
async function* breakable<E>(events: AsyncIterable<E>, own: AbortController): AsyncIterable<E> {
  try {
    yield* events;
  } catch (thrown) {
    if (!own.signal.aborted) throw thrown;
    throw new ConnectError("The connection broke.", Code.Unavailable);
  }
}

test("a day is watched, across the loss of a stream", { skip }, async () => {
  const desk = await signIn();
  const date = { year: 2033, month: 2, day: 7 };
  const streams: AbortController[] = [];
  const events = watch(desk.session, (resumeToken, signal) => {
    const own = new AbortController();
    signal.addEventListener("abort", () => own.abort());
    streams.push(own);
    return breakable(desk.appointments.watchDay({ date, resumeToken }, { signal: own.signal }), own);
  });
  const seen = new Set<string>();
  const booked: string[] = [];

  for await (const { event } of events) {
    if (event.case === "snapshot") event.value.appointments.forEach((one) => seen.add(one.id));
    if (event.case === "upsert") seen.add(event.value.id);
    if (booked.length === 2 && seen.size === 2) break;
    const complete = event.case === "snapshot" && event.value.last;
    if (booked.length > 1 || !(complete || event.case === "upsert")) continue;
    const start = `2033-02-07T1${booked.length}:00`;
    booked.push((await desk.appointments.createAppointment(await booking(desk, start))).id);
    if (event.case === "upsert") streams.at(-1)!.abort();
  }

  assert.deepEqual([...seen], booked);
  assert.equal(streams.length, 2);
});
