// testssl.sh against the edge, judged by gate.py: node testssl.mjs PROGRAM
// With CLINICD_LONG_TESTS everything that it knows, otherwise what takes half a minute. Exits with 77
// where it is not installed.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { startEdge } from "../lib/edge.mjs";

const here = dirname(fileURLToPath(import.meta.url));
// Protocols, standard ciphers, forward secrecy, server defaults, HTTP headers; then vulnerabilities.
const brief = ["-p", "-s", "-f", "-S", "-h"];
const full = [...brief, "-P", "-U"];

if (spawnSync("testssl", ["--version"]).error) {
  console.log("skipped: testssl.sh is not installed");
  process.exit(77);
}
const edge = await startEdge(process.argv[2]);
const directory = mkdtempSync(join(tmpdir(), "clinicd-testssl-"));
const findings = join(directory, "findings.json");
// Not spawnSync: what the edge writes has to be read meanwhile.
const run = (program, parameters) => new Promise((resolve) =>
  spawn(program, parameters, { stdio: ["ignore", "inherit", "inherit"] }).once("close", resolve));
await run("testssl", [
  "--quiet", "--warnings", "off", "--color", "0", "--nodns", "none", "--ip", "127.0.0.1",
  "--add-ca", edge.tls.authority, "--openssl", "/usr/bin/openssl", "--jsonfile", findings,
  ...(process.env.CLINICD_LONG_TESTS ? full : brief), `localhost:${edge.ports.tls.h2}`,
]);
const verdict = await run(join(here, "gate.py"), [findings, join(here, "exceptions.json")]);
rmSync(directory, { recursive: true });
await edge.stop();
process.exit(verdict);
