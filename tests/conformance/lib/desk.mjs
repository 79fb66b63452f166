// What every client of another maker does at a real server: signs in, lists, is refused, watches.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

// A call that ended with an error. `code` is gRPC's number.
export class CallError extends Error {
  constructor(code, reason, fields) {
    super(`code ${code}, reason ${reason}, fields ${fields}`);
    this.code = code;
    this.reason = reason;
    this.fields = fields;
  }

  // From google.rpc.Status.details in the JSON mapping.
  static of(code, details) {
    const find = (type) => details.find((detail) => detail["@type"].endsWith(`/google.rpc.${type}`));
    const violations = find("BadRequest")?.fieldViolations ?? [];
    return new CallError(code, find("ErrorInfo")?.reason, violations.map(({ field }) => field));
  }
}

export function readDevFile(file) {
  return JSON.parse(readFileSync(file));
}

const nobody = "01890a5d-ac96-774b-bcce-b302099a8057";

async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CallError) return error;
    throw error;
  }
  return assert.fail("the call was not refused");
}

// `call(service, method, request, token)` makes a unary call: messages in the JSON mapping, errors as
// CallError. The token that signing in gave.
export async function workAtDesk(call, { logins: [login] }) {
  const signIn = { clinicSlug: login.clinic, email: login.email, password: login.password };
  const { tokens } = await call("clinicd.identity.v1.SessionService", "SignIn", signIn);
  const token = tokens.accessToken;

  const { practitioners } =
    await call("clinicd.identity.v1.PractitionerService", "ListPractitioners", {}, token);
  assert.deepEqual(practitioners.map(({ familyName }) => familyName), ["Núñez", "Peña"]);

  const unknown =
    await refusal(call("clinicd.patients.v1.PatientService", "GetPatient", { id: nobody }, token));
  assert.equal(unknown.code, 5);
  assert.equal(unknown.reason, "PATIENT_NOT_FOUND");

  const invalid =
    await refusal(call("clinicd.patients.v1.PatientService", "GetPatient", { id: "7" }, token));
  assert.equal(invalid.code, 3);
  assert.deepEqual(invalid.fields, ["id"]);

  const stranger =
    await refusal(call("clinicd.identity.v1.PractitionerService", "ListPractitioners", {}));
  assert.equal(stranger.code, 16);
  return token;
}

export const watchDay = {
  service: "clinicd.appointments.v1.AppointmentService",
  method: "WatchDay",
  request: { date: { year: 2030, month: 5, day: 6 } },
};

// A stream begins with the day as it is.
export function checkFirstEvent(event) {
  assert.ok(event.snapshot, `the stream begins with ${JSON.stringify(event)}`);
}
