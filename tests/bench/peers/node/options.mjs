// The command line of start.sh.
import { parseArgs } from "node:util";
import { join } from "node:path";
import { ROOT } from "./facts.mjs";

export const PEERS = ["postgrest", "node-postgres", "node-pg", "node-drizzle"];

const USAGE = `Usage: start.sh PEER --facts FILE [options]

PEER is one of: ${PEERS.join(" ")}

  --facts FILE        what bench_server printed
  --clinics LIST      the clinics to print tokens for: ids with commas between, or "all";
                      default: the clinic of the facts
  --listen ADDRESS    gRPC: unix:PATH or HOST:PORT; default: a Unix socket of its own.
                      PostgREST: HOST:PORT; default: a free port of 127.0.0.1
  --processes N       gRPC: processes that share the address; default 1
  --pool N            database connections of each process; default 8, PostgREST 16
  --access-rows on|off
                      gRPC: whether reads leave an audit row; default on. PostgREST has a path
                      for each
  --token-cache on|off
                      gRPC: whether the signature of a token is checked only once; default on
  --build DIRECTORY   of the build that made the descriptor set; default build/release
`;

function fail(message) {
  console.error(`start.sh: ${message}\n\n${USAGE}`);
  process.exit(2);
}

function count(text, name) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 64) fail(`${name} must be 1 to 64`);
  return number;
}

export function readOptions(args) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: "boolean" },
        facts: { type: "string" },
        clinics: { type: "string" },
        listen: { type: "string" },
        processes: { type: "string", default: "1" },
        pool: { type: "string" },
        "access-rows": { type: "string", default: "on" },
        "token-cache": { type: "string", default: "on" },
        build: { type: "string", default: join(ROOT, "build/release") },
      },
    });
  } catch (error) {
    fail(error.message);
  }
  const { values, positionals: [peer] } = parsed;
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (!PEERS.includes(peer)) fail(`there is no peer '${peer ?? ""}'`);
  if (!values.facts) fail("--facts is missing");
  return {
    peer,
    facts: values.facts,
    clinics: values.clinics,
    listen: values.listen,
    processes: count(values.processes, "--processes"),
    pool: count(values.pool ?? (peer === "postgrest" ? "16" : "8"), "--pool"),
    accessRows: values["access-rows"] === "on",
    tokenCache: values["token-cache"] === "on",
    descriptors: join(values.build, "generated/clinicd.binpb"),
  };
}
