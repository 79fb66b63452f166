import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { Code, createClient } from "@connectrpc/connect";

import {
  AppointmentService,
  type WatchDayEvent,
  WatchDayEventSchema,
} from "../src/gen/clinicd/appointments/v1/appointment_service_pb.js";
import { ClinicdError, watch, type WatchOptions } from "../src/index.js";
import { failure, FakeServer } from "./fake.js";

function removal(id: string, resumeToken: string): WatchDayEvent {
  return create(WatchDayEventSchema, { event: { case: "remove", value: { id } }, resumeToken });
}

/** Watches until the server refuses for good; what came, and the error. */
async function watchAll(server: FakeServer, options: WatchOptions = {}) {
  const session = await server.signIn();
  const client = createClient(AppointmentService, session.transport);
  const ids: string[] = [];
  let error: unknown;
  try {
    const open = (resumeToken: string, signal: AbortSignal) =>
      client.watchDay({ resumeToken }, { signal });
    for await (const event of watch(session, open, options)) {
      if (event.event.case === "remove") ids.push(event.event.value.id);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { ids, error };
}

test("a watch goes on behind the last event when a stream breaks or ends", async () => {
  const server = new FakeServer();
  server.streams.push(
    async function* () {
      yield removal("a", "1");
      yield removal("b", "");
      throw failure(Code.Unavailable, "SHUTTING_DOWN");
    },
    async function* () {
      yield removal("c", "3");
    },
    async function* () {
      yield removal("d", "4");
      throw failure(Code.Unauthenticated, "TOKEN_EXPIRED");
    },
  );

  const { ids, error } = await watchAll(server);

  assert.deepEqual(ids, ["a", "b", "c", "d"]);
  assert.deepEqual(server.resumeTokens, ["", "1", "3", "4"]);
  assert.equal(server.refreshes, 1);
  assert.ok(error instanceof ClinicdError);
  assert.equal(error.reason, "PERMISSION_MISSING");
});

test("a watch waits longer and longer while streams fail, and begins anew after an event", async () => {
  const server = new FakeServer();
  const broken = async function* () {
    throw failure(Code.Unavailable, "DATABASE_UNAVAILABLE");
  };
  server.streams.push(broken, broken, broken, async function* () {
    yield removal("a", "1");
  }, broken);

  await watchAll(server);

  assert.equal(server.waits.length, 3);
  assert.ok(server.waits[0]! >= 500 && server.waits[0]! <= 1000);
  assert.ok(server.waits[1]! >= 1000 && server.waits[1]! <= 2000);
  assert.ok(server.waits[2]! <= 1000);
});

test("a watch gives up after the failures it may have", async () => {
  const server = new FakeServer();
  const broken = async function* () {
    throw failure(Code.Unavailable, "DATABASE_UNAVAILABLE");
  };
  server.streams.push(broken, broken, broken, broken);

  const { error } = await watchAll(server, { failuresMax: 2 });

  assert.ok(error instanceof ClinicdError);
  assert.equal(error.reason, "DATABASE_UNAVAILABLE");
  assert.equal(server.streams.length, 1);
});

test("a watch begins anew when the server does not take its resume token", async () => {
  const server = new FakeServer();
  server.streams.push(
    async function* () {
      yield removal("a", "1");
    },
    async function* () {
      throw failure(Code.InvalidArgument, "RESUME_TOKEN_INVALID");
    },
    async function* () {
      yield removal("b", "2");
    },
  );

  const { ids } = await watchAll(server);

  assert.deepEqual(ids, ["a", "b"]);
  assert.deepEqual(server.resumeTokens, ["", "1", "", "2"]);
});

test("a watch opens a new stream when the server falls silent", async () => {
  const server = new FakeServer();
  server.streams.push(async function* (_, signal) {
    yield removal("a", "1");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  const ended: (string | undefined)[] = [];

  const { ids } = await watchAll(server, {
    silenceMaxMs: 20,
    onDisconnect: (error) => ended.push(error && Code[error.code]),
  });

  assert.deepEqual(ids, ["a"]);
  assert.deepEqual(ended, ["Unavailable", "PermissionDenied"]);
});

test("a watch ends when it is told to", async () => {
  const server = new FakeServer();
  const controller = new AbortController();
  server.streams.push(async function* (_, signal) {
    yield removal("a", "1");
    controller.abort();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  });

  const { ids, error } = await watchAll(server, { signal: controller.signal });

  assert.deepEqual(ids, ["a"]);
  assert.equal(error, undefined);
});
