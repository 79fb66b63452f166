// What browser_sdk.mjs asks of the SDK inside the page. An answer is what is wrong; nothing if nothing is.
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { ClinicdError, rows, Session, watch } from "@clinicd/sdk";
import { AppointmentService } from "@clinicd/sdk/api/clinicd/appointments/v1/appointment_service_pb.js";
import { PractitionerService } from "@clinicd/sdk/api/clinicd/identity/v1/practitioner_service_pb.js";
import { PatientService } from "@clinicd/sdk/api/clinicd/patients/v1/patient_service_pb.js";
import { createWebTransport } from "@clinicd/sdk/web";

function check(condition, what) {
  if (!condition) throw new Error(what);
}

function same(left, right) {
  const [one, other] = [JSON.stringify(left), JSON.stringify(right)];
  check(one === other, `${one} is not ${other}`);
}

async function desk({ protocol, credentials }, wrap = (base) => base, options = {}) {
  const session = await Session.signIn(wrap(createWebTransport({ protocol })), credentials, options);
  return {
    session,
    appointments: createClient(AppointmentService, session.transport),
    patients: createClient(PatientService, session.transport),
    practitioners: createClient(PractitionerService, session.transport),
  };
}

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    check(error instanceof ClinicdError, `no error of the SDK: ${error}`);
    return error;
  }
  throw new Error("the call was not refused");
}

async function form({ practitioners, patients }, localStart, durationMinutes = 30) {
  const [practitioner] = (await practitioners.listPractitioners({})).practitioners;
  const [patient] = (await patients.listPatients({ pageSize: 1 })).patients;
  return { patientId: patient.id, practitionerId: practitioner.id, localStart, durationMinutes };
}

async function bookedOn({ appointments }, date) {
  return (await appointments.listAppointments({ date })).appointments.map(({ id }) => id);
}

// Each protocol has days of its own.
const years = { "grpc-web": 2031, "connect": 2032 };
const dayIn = (year) => ({ date: { year, month: 2, day: 10 }, at: (time) => `${year}-02-10T${time}` });

// Loses the answer of the first call of a method: it has worked, and nobody knows.
function losingFirst(base, methodName) {
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

async function* breakable(events, own) {
  try {
    yield* events;
  } catch (thrown) {
    if (!own.signal.aborted) throw thrown;
    throw new ConnectError("The connection broke.", Code.Unavailable);
  }
}

const questions = {
  async refusals({ protocol, credentials }) {
    const wrong = { ...credentials, password: "not the right password" };
    const error = await refusal(Session.signIn(createWebTransport({ protocol }), wrong));
    same([error.code, error.reason], [Code.Unauthenticated, "CREDENTIALS_INVALID"]);
  },

  async fields(input) {
    const one = await desk(input);
    const appointment = await form(one, "tomorrow", 0);
    const error = await refusal(one.appointments.createAppointment({ appointment }));
    same([error.code, error.reason], [Code.InvalidArgument, "VALIDATION_FAILED"]);
    same(error.fields.map(({ field }) => field),
         ["appointment.local_start", "appointment.duration_minutes"]);
  },

  async bookOnce(input) {
    const { date, at } = dayIn(years[input.protocol]);
    const one = await desk(input, (base) => losingFirst(base, "CreateAppointment"));
    const appointment = await form(one, at("10:00"));
    const booked = await one.appointments.createAppointment({ appointment });
    same(await bookedOn(one, date), [booked.id]);
  },

  async listAll(input) {
    const { patients } = await desk(input);
    const ids = new Set();
    let count = 0;
    for await (const { id } of rows(patients.listPatients, { pageSize: 10 }, (page) => page.patients)) {
      ids.add(id);
      count++;
    }
    check(count > 20 && ids.size === count, `${count} patients, ${ids.size} different ones`);
  },

  async refresh(input) {
    let now = Date.now();
    const pairs = [];
    const { session } = await desk(
      input, undefined, { now: () => now, onTokens: (tokens) => pairs.push(tokens.refreshToken) });
    now += 3_600_000;
    const answers = await Promise.all([1, 2, 3, 4].map(() => session.whoAmI()));
    same([new Set(answers.map(({ sessionId }) => sessionId)).size, pairs.length], [1, 2]);
    await session.signOut();
  },

  async watchAcrossLoss(input) {
    const one = await desk(input);
    const { date, at } = dayIn(2033);
    const streams = [];
    const events = watch(one.session, (resumeToken, signal) => {
      const own = new AbortController();
      signal.addEventListener("abort", () => own.abort());
      streams.push(own);
      return breakable(one.appointments.watchDay({ date, resumeToken }, { signal: own.signal }), own);
    });
    const seen = new Set();
    const booked = [];
    for await (const { event } of events) {
      if (event.case === "snapshot") event.value.appointments.forEach(({ id }) => seen.add(id));
      if (event.case === "upsert") seen.add(event.value.id);
      if (booked.length === 2 && seen.size === 2) break;
      const complete = event.case === "snapshot" && event.value.last;
      if (booked.length > 1 || !(complete || event.case === "upsert")) continue;
      const appointment = await form(one, at(`1${booked.length}:00`));
      booked.push((await one.appointments.createAppointment({ appointment })).id);
      if (event.case === "upsert") streams.at(-1).abort();
    }
    same([...seen], booked);
    same(streams.length, 2);
  },
};

let last;
globalThis.ask = async (name, input) => {
  last = input;
  try {
    await questions[name](input);
    return "";
  } catch (error) {
    return `${error.message}\n${error.stack}`;
  }
};

// Watches a day until told to stop; what is to be booked on it meanwhile, and by somebody else.
const stop = new AbortController();
globalThis.startWatch = async () => {
  const one = await desk({ ...last, protocol: "grpc-web" });
  const { date, at } = dayIn(2034);
  const watched = { complete: false, disconnected: 0, ids: [] };
  globalThis.watched = watched;
  const open = (resumeToken, signal) => one.appointments.watchDay({ date, resumeToken }, { signal });
  const options = { signal: stop.signal, onDisconnect: () => watched.disconnected++ };
  (async () => {
    for await (const { event } of watch(one.session, open, options)) {
      if (event.case === "snapshot") watched.ids = event.value.appointments.map(({ id }) => id);
      if (event.case === "upsert" && !watched.ids.includes(event.value.id)) watched.ids.push(event.value.id);
      watched.complete ||= event.case === "snapshot" && event.value.last;
    }
  })().catch((error) => globalThis.console.error(`the watch ended: ${error}`));
  return { appointment: await form(one, at("10:00")), date };
};
globalThis.stopWatch = () => {
  stop.abort();
  return globalThis.watched.ids;
};

globalThis.ready = true;
