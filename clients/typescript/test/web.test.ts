// The browser's transport, whose fetch() Node.js has as well, against servers that break off.
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { Code, ConnectError, createClient } from "@connectrpc/connect";

import { AppointmentService } from "../src/gen/clinicd/appointments/v1/appointment_service_pb.js";
import { PatientService } from "../src/gen/clinicd/patients/v1/patient_service_pb.js";
import { createWebTransport, type WebTransportOptions } from "../src/web.js";

async function serve(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function codeOf(call: Promise<unknown>): Promise<Code> {
  const error = await call.then(() => assert.fail("the call did not fail"), ConnectError.from);
  return error.code;
}

const protocols: NonNullable<WebTransportOptions["protocol"]>[] = ["grpc-web", "connect"];

for (const protocol of protocols) {
  test(`a server that answers nothing is unavailable over ${protocol}`, async (context) => {
    const url = await serve(context, (_, response) => response.destroy());
    const patients = createClient(PatientService, createWebTransport({ url, protocol }));

    assert.equal(await codeOf(patients.listPatients({})), Code.Unavailable);
  });

  test(`an answer that breaks off is no answer over ${protocol}`, async (context) => {
    const type = protocol === "connect" ? "application/json" : "application/grpc-web+proto";
    const url = await serve(context, (_, response) => {
      response.writeHead(200, { "content-type": type, "content-length": 1000 });
      response.write("\x00\x00\x00\x00\x05", () => response.destroy());
    });
    const transport = createWebTransport({ url, protocol });

    assert.equal(
      await codeOf(createClient(PatientService, transport).listPatients({})), Code.Unavailable);
  });
}

test("a stream that breaks off is unavailable after what it brought", async (context) => {
  const url = await serve(context, (_, response) => {
    response.writeHead(200, { "content-type": "application/grpc-web+proto" });
    // One event without anything in it, and half of the next one's frame.
    response.write("\x00\x00\x00\x00\x00\x00\x00", () => response.destroy());
  });
  const appointments = createClient(AppointmentService, createWebTransport({ url }));
  let events = 0;

  const code = await codeOf((async () => {
    for await (const _ of appointments.watchDay({})) events++;
  })());

  assert.equal(code, Code.Unavailable);
  assert.equal(events, 1);
});
