// buf curl, a client in Go, in its three protocols: node buf_curl.mjs DESCRIPTORS DEV_JSON
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { CallError, checkFirstEvent, readDevFile, watchDay, workAtDesk } from "../lib/desk.mjs";
import { nodeModules } from "../lib/packages.mjs";
import { Schema } from "../lib/schema.mjs";

const codes = [
  "ok", "canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found",
  "already_exists", "permission_denied", "resource_exhausted", "failed_precondition", "aborted",
  "out_of_range", "unimplemented", "internal", "unavailable", "data_loss", "unauthenticated",
];

const [descriptors, devFile] = process.argv.slice(2);
const schema = new Schema(descriptors);
const dev = readDevFile(devFile);
const vendor = join(nodeModules, "@bufbuild");
const buf = join(vendor, readdirSync(vendor).find((name) => name.startsWith("buf-linux-")), "bin", "buf");

function start(protocol, service, method, request, token) {
  return spawn(buf, [
    "curl", "--protocol", protocol, "--schema", descriptors, "--cacert", dev.ca,
    ...(token ? ["--header", `authorization: Bearer ${token}`] : []),
    "--data", JSON.stringify(request), `${dev.url}/${service}/${method}`,
  ], { stdio: ["ignore", "pipe", "pipe"] });
}

async function textOf(stream) {
  let text = "";
  for await (const piece of stream) text += piece;
  return text;
}

// buf prints the error as Connect writes it.
function callError(text) {
  let error;
  try {
    error = JSON.parse(text);
  } catch {
    throw new Error(`buf curl says: ${text}`);
  }
  const details = (error.details ?? []).map(({ type, value }) => ({
    "@type": `type.googleapis.com/${type}`,
    ...schema.decode(schema.message(type), Buffer.from(value, "base64")),
  }));
  return CallError.of(codes.indexOf(error.code), details);
}

const caller = (protocol) => async (service, method, request, token) => {
  const child = start(protocol, service, method, request, token);
  const exited = new Promise((resolve) => child.once("close", resolve));
  const [output, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  if ((await exited) !== 0) throw callError(errors);
  return JSON.parse(output);
};

// The first line holds the first event, or the beginning of it.
async function firstEvent(protocol, token) {
  const child = start(protocol, watchDay.service, watchDay.method, watchDay.request, token);
  child.stderr.pipe(process.stderr);
  let text = "";
  for await (const line of createInterface({ input: child.stdout })) {
    text += line;
    try {
      const event = JSON.parse(text);
      child.kill("SIGKILL");
      return event;
    } catch {
      continue;
    }
  }
  throw new Error(`the stream ended after '${text}'`);
}

for (const protocol of ["grpc", "grpcweb", "connect"]) {
  const token = await workAtDesk(caller(protocol), dev);
  // clinicd serves unary calls in Connect's own protocol.
  if (protocol !== "connect") checkFirstEvent(await firstEvent(protocol, token));
}
