// Puts a service of the comparison behind clinicd's own protos, on @grpc/grpc-js.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";
import { Refusal, unauthenticated } from "./refusal.mjs";
import { TokenVerifier } from "./token.mjs";

const PATIENTS = "clinicd.patients.v1.PatientService";
const APPOINTMENTS = "clinicd.appointments.v1.AppointmentService";

/** The services and enums of the descriptor set that the build makes. */
export function loadApi(descriptors) {
  return loader.loadFileDescriptorSetFromBuffer(readFileSync(descriptors), { keepCase: true });
}

/** Number of each kind of resource, by its name. */
export function kindsOf(api) {
  const { value } = api["clinicd.appointments.v1.ResourceKind"].type;
  return Object.fromEntries(value.map(({ name, number }) => [name, number]));
}

// Answers may be messages, or bytes that were serialized for the idempotency key already; requests
// come with their bytes, of which the key holds a hash.
function withBytes(definition) {
  return {
    ...definition,
    requestDeserialize: (bytes) => ({ bytes, message: definition.requestDeserialize(bytes) }),
    responseSerialize: (answer) =>
      Buffer.isBuffer(answer) ? answer : definition.responseSerialize(answer),
  };
}

function scopeOf(call, verifier) {
  const [header] = call.metadata.get("authorization");
  if (!header?.startsWith("Bearer ")) throw unauthenticated("TOKEN_MISSING");
  const claims = verifier.verify(header.slice(7));
  if (!claims) throw unauthenticated("TOKEN_INVALID");
  return {
    clinic: claims.clinic_id,
    user: claims.sub,
    session: claims.sid,
    roles: claims.roles,
    zone: claims.zone,
    userAgent: String(call.metadata.get("user-agent")[0] ?? "").slice(0, 512),
  };
}

function answer(handler, verifier) {
  return (call, callback) => {
    const run = async () => handler(scopeOf(call, verifier), call.request);
    run().then((message) => callback(null, message), (error) => {
      if (!(error instanceof Refusal)) {
        console.error(error);
        callback({ code: grpc.status.INTERNAL, details: "INTERNAL" });
        return;
      }
      callback({ code: error.code, details: error.details, metadata: error.metadata });
    });
  };
}

// What a handler of a change needs beside the message: its key, and how its answer is kept.
function changeOf(definition, method, request) {
  return {
    method,
    requestId: request.message.request_id,
    hash: createHash("sha256").update(request.bytes).digest(),
    serialize: definition.responseSerialize,
  };
}

/** Serves `service` at `address` and returns the server and the address that it got. */
export async function serve({ service, api, address, secret, tokenCache }) {
  const verifier = new TokenVerifier(secret, { cached: tokenCache });
  const server = new grpc.Server();
  const add = (name, reads, changes) => {
    const definitions = {};
    const handlers = {};
    for (const method of [...reads, ...changes]) {
      const definition = api[name][method];
      const key = method[0].toLowerCase() + method.slice(1);
      const path = `${name}/${method}`;
      definitions[method] = withBytes(definition);
      handlers[method] = answer(reads.includes(method)
        ? (scope, request) => service[key](scope, request.message, path)
        : (scope, request) =>
          service[key](scope, request.message, changeOf(definition, path, request)), verifier);
    }
    server.addService(definitions, handlers);
  };
  add(PATIENTS, ["GetPatient", "SearchPatients"], []);
  add(APPOINTMENTS, ["ListAppointments"], ["CreateAppointment", "CheckInAppointment"]);
  const port = await new Promise((resolve, reject) => {
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(),
      (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  const target = address.startsWith("unix:") ? address : address.replace(/:\d+$/, `:${port}`);
  return { server, target };
}
