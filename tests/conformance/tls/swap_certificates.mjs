// Replaces the server's certificate every second while calls are made, on connections that stay and
// on new ones: none may fail.
//   node swap_certificates.mjs --descriptors FILE --server PROGRAM [--seconds N]
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import tls from "node:tls";
import { parseArgs } from "node:util";

import { startEdge } from "../lib/edge.mjs";
import { exchangeHttp1 } from "../lib/http1.mjs";
import { connectHttp2, exchangeHttp2 } from "../lib/http2.mjs";
import { Protocol } from "../lib/protocols.mjs";
import { Schema } from "../lib/schema.mjs";

const { values: options } = parseArgs({
  options: {
    descriptors: { type: "string" }, server: { type: "string" },
    seconds: { type: "string", default: process.env.CLINICD_LONG_TESTS ? "60" : "10" },
  },
});
const seconds = Number(options.seconds);
const schema = new Schema(options.descriptors);
const directory = mkdtempSync(join(tmpdir(), "clinicd-swap-"));
const path = (name) => join(directory, name);
const openssl = (...parameters) => execFileSync("openssl", parameters, { stdio: "ignore" });

function makeAuthority() {
  openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-subj", "/CN=clinicd swap test", "-keyout", path("ca.key"), "-out", path("ca.pem"));
  writeFileSync(path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
}

function issue(name) {
  openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
    "-keyout", path(`${name}.key`), "-out", path(`${name}.csr`));
  openssl("x509", "-req", "-in", path(`${name}.csr`), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
    "-CAcreateserial", "-days", "2", "-extfile", path("names"), "-out", path(`${name}.pem`));
}

// As a renewal would: each file is replaced at once, one after the other.
function use(name) {
  for (const kind of ["key", "pem"]) {
    copyFileSync(path(`${name}.${kind}`), path(`next.${kind}`));
    renameSync(path(`next.${kind}`), path(`live.${kind}`));
  }
}

makeAuthority();
issue("even");
issue("odd");
use("even");
const edge = await startEdge(options.server, [path("live.pem"), path("live.key")]);
const target = {
  host: "127.0.0.1", servername: "localhost", port: edge.ports.tls.h2, ca: readFileSync(path("ca.pem")),
};
const call = { method: "Answer", requests: [{ text: "one" }] };
const totals = { calls: 0, failed: 0 };
let running = true;

async function repeat(protocolName, exchange) {
  const protocol = new Protocol(protocolName, schema);
  while (running) {
    totals.calls++;
    try {
      const { status, messages } = protocol.read(await exchange(protocol.request(call)), call);
      if (status !== 200 || messages[0].text !== "one") throw new Error(`status ${status}`);
    } catch (error) {
      totals.failed++;
      console.log(`failed: ${error.message}`);
    }
  }
}

const serialNow = () => new Promise((resolve, reject) => {
  const socket = tls.connect({ ...target, ALPNProtocols: ["h2"] }, () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.destroy();
  });
  socket.on("error", reject);
});

// Every second the other certificate; whether the server took each of them before the next.
async function swap() {
  let missed = 0;
  for (let second = 1; second <= seconds; second++) {
    const before = await serialNow();
    use(second % 2 === 0 ? "even" : "odd");
    await delay(1000);
    if ((await serialNow()) === before) missed++;
  }
  return missed;
}

const session = connectHttp2(target);
const work = [
  repeat("grpc", (request) => exchangeHttp2({ ...target, session }, request)),
  repeat("grpc", (request) => exchangeHttp2(target, request)),
  repeat("connect-json", (request) => exchangeHttp1(target, request)),
];
const missed = await swap();
running = false;
await Promise.all(work);
session.close();
await edge.stop();
rmSync(directory, { recursive: true });
console.log(`${seconds} certificates, ${missed} not taken in a second; ${totals.calls} calls, ${totals.failed} failed`);
process.exit(missed === 0 && totals.failed === 0 && totals.calls > 0 ? 0 : 1);
