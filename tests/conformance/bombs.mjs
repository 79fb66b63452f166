// Messages that are small on the wire and large in memory: they must cost the server little, be
// answered, and leave it as it was.
//   node bombs.mjs --descriptors FILE --server PROGRAM
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { deflateSync, gzipSync } from "node:zlib";

import { startEdge } from "./lib/edge.mjs";
import { frame } from "./lib/frames.mjs";
import { exchangeHttp1 } from "./lib/http1.mjs";
import { connectHttp2, exchangeHttp2 } from "./lib/http2.mjs";
import { Protocol } from "./lib/protocols.mjs";
import { Schema } from "./lib/schema.mjs";

const mebibyte = 2 ** 20;
const growthMax = 16 * mebibyte;
// At once.
const compressedCalls = 16;
const largeCalls = 64;
const largeBytes = 128 * 1024;

const { values: options } =
  parseArgs({ options: { descriptors: { type: "string" }, server: { type: "string" } } });
const schema = new Schema(options.descriptors);
const edge = await startEdge(options.server);
const target = { host: "127.0.0.1", servername: "localhost", ca: readFileSync(edge.tls.authority) };
const plain = { method: "Answer", requests: [{ text: "one" }] };
// Sanitizers keep freed memory for a while.
const sanitized = readFileSync(`/proc/${edge.pid}/maps`, "utf8").includes("libasan");
let failures = 0;

const memory = (name) => {
  const [, kibibytes] = readFileSync(`/proc/${edge.pid}/status`, "utf8").match(new RegExp(`${name}:\\s+(\\d+)`));
  return Number(kibibytes) * 1024;
};

// What the server's memory grew by at its highest during `work`, from where it stood before.
async function growth(work) {
  // Has the kernel forget the highest so far.
  writeFileSync(`/proc/${edge.pid}/clear_refs`, "5");
  const before = memory("VmRSS");
  await work();
  return memory("VmHWM") - before;
}

async function exchange(version, request) {
  const port = edge.ports.tls[version];
  if (version === "h1") return exchangeHttp1({ ...target, port }, request);
  return exchangeHttp2({ ...target, port }, request);
}

async function answersAfterwards() {
  const protocol = new Protocol("grpc", schema);
  const { messages } = protocol.read(await exchange("h2", protocol.request(plain)), plain);
  assert.equal(messages[0].text, "one");
}

async function attempt(name, work) {
  try {
    const bytes = await growth(work);
    console.log(`${name}: ${(bytes / mebibyte).toFixed(1)} MiB`);
    assert.ok(sanitized || bytes <= growthMax, `memory grew by ${bytes} bytes`);
    await answersAfterwards();
  } catch (error) {
    failures++;
    console.log(`failed: ${name}: ${error.stack}`);
  }
}

// 200 MiB of a message's payload, in 200 KiB.
const message = Buffer.concat([
  Buffer.from([0x1a, 0x80, 0x80, 0x80, 0x64]), Buffer.alloc(200 * mebibyte)]);
const bombs = { gzip: gzipSync(message, { level: 9 }), deflate: deflateSync(message, { level: 9 }) };

// Each is refused by its header; where that says nothing, by the flag of its frame.
async function refused(protocol, version, encoding, header) {
  const request = protocol.request(plain);
  const bomb = bombs[encoding];
  if (header) request.headers.push([protocol.framed ? "grpc-encoding" : "content-encoding", encoding]);
  request.chunks = [protocol.framed ? frame(bomb, 1) : bomb];
  const answer = protocol.read(await exchange(version, protocol.onWire(request)), plain);
  if (protocol.framed) {
    assert.ok([12, 13].includes(answer.ends[0].code), `the code was ${answer.ends[0].code}`);
    assert.deepEqual(answer.messages, []);
  } else {
    assert.notEqual(answer.status, 200);
  }
}

for (const name of ["grpc", "grpc-web", "grpc-web-text", "connect-proto", "connect-json"]) {
  const protocol = new Protocol(name, schema);
  for (const version of name === "grpc" ? ["h2"] : ["h1", "h2"]) {
    for (const encoding of Object.keys(bombs)) {
      for (const header of protocol.framed ? [true, false] : [true]) {
        await attempt(`${name} over ${version}, ${encoding}, ${header ? "named" : "not named"}`, () =>
          Promise.all(Array.from({ length: compressedCalls },
            () => refused(protocol, version, encoding, header))));
      }
    }
  }
}

// Of each two bytes a parser makes a text, a message, or a group that it does not know.
const parts = {
  texts: ["2a00", true], messages: ["3200", true], groups: ["7b7c", false], numbers: ["7801", false],
};
for (const [name, [part, inPlan]] of Object.entries(parts)) {
  await attempt(`messages of many small ${name}`, async () => {
    const protocol = new Protocol("grpc", schema);
    const all = Buffer.alloc(largeBytes, Buffer.from(part, "hex"));
    const plan = Buffer.from(
      [0x0a, 0x80 | (largeBytes & 0x7f), 0x80 | (largeBytes >> 7 & 0x7f), largeBytes >> 14]);
    const request =
      { ...protocol.request(plain), chunks: [frame(inPlan ? Buffer.concat([plan, all]) : all)] };
    const port = edge.ports.tls.h2;
    const session = connectHttp2({ ...target, port });
    session.setMaxListeners(2 * largeCalls);
    const answers = await Promise.all(
      Array.from({ length: largeCalls }, () => exchangeHttp2({ ...target, port, session }, request)));
    session.close();
    for (const answer of answers) assert.equal(protocol.read(answer, plain).ends[0].code, 8);
  });
}

const code = await edge.stop();
process.exit(failures === 0 && code === 0 ? 0 : 1);
