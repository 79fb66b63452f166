import assert from "node:assert/strict";
import { test } from "node:test";

import { Code, createClient } from "@connectrpc/connect";

import { PatientService } from "../src/gen/clinicd/patients/v1/patient_service_pb.js";
import { ClinicdError, pages, rows } from "../src/index.js";
import { failure, FakeServer, minute } from "./fake.js";

async function signedIn() {
  const server = new FakeServer();
  const session = await server.signIn();
  return { server, session, patients: createClient(PatientService, session.transport) };
}

function thrownBy(promise: Promise<unknown>): Promise<ClinicdError> {
  return promise.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => {
      assert.ok(error instanceof ClinicdError);
      return error;
    },
  );
}

for (const [code, reason] of [
  [Code.Unavailable, "DATABASE_UNAVAILABLE"],
  [Code.Aborted, "CONFLICT_RETRY"],
  [Code.ResourceExhausted, "SERVER_BUSY"],
] as const) {
  test(`a call that fails with ${reason} is repeated with the same request id`, async () => {
    const { server, patients } = await signedIn();
    server.failures.push(failure(code, reason), failure(code, reason));

    await patients.createPatient({});

    assert.equal(server.requestIds.length, 3);
    assert.equal(new Set(server.requestIds).size, 1);
    assert.match(server.requestIds[0]!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-/);
    assert.equal(server.waits.length, 2);
    assert.ok(server.waits[0]! >= 500 && server.waits[0]! <= 1000);
    assert.ok(server.waits[1]! >= 1000 && server.waits[1]! <= 2000);
  });
}

for (const [code, reason] of [
  [Code.InvalidArgument, "VALIDATION_FAILED"],
  [Code.Aborted, "ETAG_MISMATCH"],
  [Code.Unauthenticated, "TOKEN_INVALID"],
] as const) {
  test(`a call that fails with ${reason} is not repeated`, async () => {
    const { server, patients } = await signedIn();
    server.failures.push(failure(code, reason));

    const error = await thrownBy(patients.createPatient({}));

    assert.equal(error.code, code);
    assert.equal(error.reason, reason);
    assert.equal(error.metadata["id"], "7");
    assert.equal(server.requestIds.length, 1);
    assert.equal(server.refreshes, 0);
  });
}

test("each call has a request id of its own, unless it is given one", async () => {
  const { server, patients } = await signedIn();

  await patients.createPatient({});
  await patients.createPatient({});
  await patients.createPatient({ requestId: "mine" });

  assert.notEqual(server.requestIds[0], server.requestIds[1]);
  assert.equal(server.requestIds[2], "mine");
});

test("the last attempt's error is thrown", async () => {
  const { server, patients } = await signedIn();
  for (let i = 0; i < 4; i++) server.failures.push(failure(Code.Unavailable, "SHUTTING_DOWN"));

  assert.equal((await thrownBy(patients.createPatient({}))).reason, "SHUTTING_DOWN");
  assert.equal(server.requestIds.length, 3);
});

test("the wait that a server asks for is kept, unless it is too long", async () => {
  const { server, patients } = await signedIn();
  server.failures.push(failure(Code.ResourceExhausted, "SERVER_BUSY", 3));
  await patients.createPatient({});
  assert.deepEqual(server.waits, [3000]);

  server.failures.push(failure(Code.ResourceExhausted, "SIGN_IN_THROTTLED", 900));
  const error = await thrownBy(patients.createPatient({}));
  assert.equal(error.retryDelayMs, 900_000);
  assert.equal(server.requestIds.length, 3);
});

test("tokens are refreshed before they expire, once for all calls", async () => {
  const { server, patients } = await signedIn();
  server.nowMs += 9 * minute - 1000;
  await patients.createPatient({});
  server.nowMs += 1000;

  await Promise.all([1, 2, 3, 4].map(() => patients.createPatient({})));

  assert.equal(server.refreshes, 1);
  assert.deepEqual(server.authorizations, [
    "Bearer first", ...[1, 2, 3, 4].map(() => "Bearer access-1"),
  ]);
});

test("tokens are refreshed once when the server refuses them", async () => {
  const { server, patients } = await signedIn();
  server.failures.push(failure(Code.Unauthenticated, "TOKEN_EXPIRED"));
  await patients.createPatient({});
  assert.equal(server.refreshes, 1);

  server.failures.push(failure(Code.Unauthenticated, "SESSION_REVOKED"));
  server.failures.push(failure(Code.Unauthenticated, "SESSION_REVOKED"));
  assert.equal((await thrownBy(patients.createPatient({}))).reason, "SESSION_REVOKED");
  assert.equal(server.refreshes, 2);
});

test("the rows of all pages come in order", async () => {
  const { server, patients } = await signedIn();
  const ids: string[] = [];

  for await (const row of rows(patients.listPatients, {}, (page) => page.patients)) ids.push(row.id);

  assert.deepEqual(ids, ["0", "1", "2", "3", "4", "5", "6"]);
  assert.deepEqual(server.pageTokens, ["", "3", "6"]);
});

test("a page that nobody asks for is not fetched", async () => {
  const { server, patients } = await signedIn();

  for await (const page of pages(patients.listPatients, {})) {
    assert.equal(page.patients.length, 3);
    break;
  }

  assert.deepEqual(server.pageTokens, [""]);
});
