// Starts a peer and tells how it is reached; see start.sh.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { adminDatabase, readFacts } from "./facts.mjs";
import { readOptions } from "./options.mjs";
import { startGrpc } from "./start_grpc.mjs";
import { startPostgrest } from "./start_postgrest.mjs";
import { claimsOf, sign } from "./token.mjs";
import { newId } from "./values.mjs";

async function clinicsOf(facts, wanted) {
  const client = new pg.Client(adminDatabase(facts));
  await client.connect();
  try {
    const ids = wanted === "all" ? null : (wanted ?? facts.clinic).split(",");
    const { rows } = await client.query(
      "SELECT id::text, time_zone AS zone FROM clinicd.clinics " +
        "WHERE $1::uuid[] IS NULL OR id = ANY ($1) ORDER BY id", [ids]);
    if (rows.length === 0) throw new Error("the database has none of these clinics");
    return rows;
  } finally {
    await client.end();
  }
}

const options = readOptions(process.argv.slice(2));
const facts = readFacts(options.facts);
const secret = randomBytes(32).toString("hex");
const work = mkdtempSync(join(tmpdir(), "clinicd-peer-"));
let peer;

async function stop(code) {
  await peer?.stop();
  rmSync(work, { recursive: true, force: true });
  process.exit(code);
}
process.on("SIGTERM", () => stop(0));
process.on("SIGINT", () => stop(0));

try {
  const clinics = await clinicsOf(facts, options.clinics);
  const start = options.peer === "postgrest" ? startPostgrest : startGrpc;
  peer = await start({ options, facts, secret, work, onDeath: () => stop(1) });
  const tokens = Object.fromEntries(clinics.map((clinic) =>
    [clinic.id, sign(claimsOf(clinic, facts.user, newId()), secret)]));
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url)));
  console.log(JSON.stringify({
    peer: options.peer,
    ...peer.facts,
    clinic: clinics[0].id,
    token: tokens[clinics[0].id],
    tokens,
    algorithm: "HS256",
    secret,
    pool: options.pool,
    pid: process.pid,
    versions: { node: process.versions.node, ...dependencies },
  }));
} catch (error) {
  console.error(`start.sh: ${error.message}`);
  await stop(1);
}
