// Sends the same requests to clinicd's edge and to the reference server, and compares the answers.
//   node conformance.mjs --descriptors FILE --server PROGRAM [--case TEXT] [--record]
// --case: only cases whose name holds TEXT. --record: print what the reference server answers.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { cases } from "./cases.mjs";
import { startEdge } from "./lib/edge.mjs";
import { describe, differences, IntendedDifferences } from "./lib/compare.mjs";
import { exchangeHttp1 } from "./lib/http1.mjs";
import { exchangeHttp2 } from "./lib/http2.mjs";
import { root } from "./lib/packages.mjs";
import { Protocol, protocols } from "./lib/protocols.mjs";
import { Schema } from "./lib/schema.mjs";
import { startReferenceServer } from "./reference_server.mjs";

const parallel = 8;

const { values: options } = parseArgs({
  options: {
    descriptors: { type: "string" }, server: { type: "string" },
    case: { type: "string", default: "" }, record: { type: "boolean", default: false },
  },
});

const schema = new Schema(options.descriptors);

function* exchanges() {
  for (const wire of ["clear", "tls"]) {
    for (const version of ["h1", "h2"]) {
      for (const protocol of protocols) {
        // Native gRPC needs HTTP/2.
        if (protocol === "grpc" && version === "h1") continue;
        for (const [name, entry] of cases(`${wire}/${version}/${protocol}`)) {
          if (!name.includes(options.case) || !entry.protocols.includes(protocol)) continue;
          if (entry.versions && !entry.versions.includes(version)) continue;
          yield { wire, version, protocol, case: name, entry };
        }
      }
    }
  }
}

async function send(server, { wire, version, entry }, protocol) {
  const request = protocol.request(entry);
  const onWire = protocol.onWire(entry.alter ? entry.alter(request) : request);
  const target = {
    host: "127.0.0.1", servername: "localhost", port: server.ports[wire][version],
    ca: wire === "tls" ? server.ca : undefined,
  };
  const { abandonAfter } = entry;
  const exchange = version === "h1" ? exchangeHttp1 : exchangeHttp2;
  const answer = await exchange(target, onWire, {
    until: abandonAfter ? (body) => protocol.messagesIn(body) >= abandonAfter : undefined,
    answered: entry.paced ? (body) => protocol.messagesIn(body) : undefined,
  });
  const result = protocol.read(answer, entry);
  if (entry.awaitEnd) result.handlerSaw = await handlerSaw(server, entry.awaitEnd);
  return result;
}

// How the handler of a call with a key saw it end; asked in the simplest of the protocols.
async function handlerSaw(server, key) {
  const target = { host: "127.0.0.1", servername: "localhost", port: server.ports.clear.h1 };
  const call = { method: "AwaitEnd", requests: [{ key }], timeout: { connect: "10000" } };
  const json = new Protocol("connect-json", schema);
  return json.read(await exchangeHttp1(target, json.request(call)), call);
}

async function failureAsAnswer(promise) {
  try {
    return await promise;
  } catch (error) {
    return { failure: error.message };
  }
}

async function compare(exchange, servers, intended) {
  const protocol = new Protocol(exchange.protocol, schema);
  // The reference has no text mode: there the same call in binary says what is right.
  const oracle = protocol.text ? new Protocol("grpc-web", schema) : protocol;
  const [reference, clinicd] = await Promise.all([
    failureAsAnswer(send(servers.reference, exchange, oracle)),
    failureAsAnswer(send(servers.clinicd, exchange, protocol)),
  ]);
  const type = clinicd.headers?.["content-type"];
  if (protocol.text && type?.[0]?.startsWith("application/grpc-web-text")) {
    clinicd.headers["content-type"] = [type[0].replace("-text", "")];
  }
  if (options.record) {
    console.log(name(exchange), JSON.stringify(reference));
  }
  return differences(reference, clinicd).filter((found) => !intended.covers(exchange, found));
}

const name = ({ wire, version, protocol, case: label }) => `${label} (${protocol}, ${version}, ${wire})`;

async function run(servers, intended) {
  const waiting = [...exchanges()];
  const total = waiting.length;
  const labels = new Set(waiting.map((exchange) => exchange.case));
  let failed = 0;
  const work = async () => {
    for (let exchange; (exchange = waiting.shift());) {
      const found = await compare(exchange, servers, intended);
      if (found.length === 0) continue;
      failed++;
      console.log(`differs: ${name(exchange)}`);
      found.forEach((one) => console.log(`    ${describe(one)}`));
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  console.log(`${labels.size} cases, ${total} exchanges, ${failed} with differences not intended`);
  return failed === 0 && total > 0;
}

function reportUnused(intended) {
  if (options.case !== "") return true;
  const unused = intended.unused();
  unused.forEach((entry) => console.log(`never seen: ${JSON.stringify(entry)}`));
  return unused.length === 0;
}

const edge = await startEdge(options.server);
const reference = await startReferenceServer(schema, edge.tls);
const file = join(root, "tests", "conformance", "intended_differences.json");
const intended = new IntendedDifferences(JSON.parse(readFileSync(file)));
const ca = readFileSync(edge.tls.authority);
const servers = { clinicd: { ...edge, ca }, reference: { ...reference, ca } };
const same = await run(servers, intended);
const used = reportUnused(intended);
await edge.stop();
reference.stop();
process.exit(same && used ? 0 : 1);
