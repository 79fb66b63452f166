// connect-web in Debian's Chromium, over HTTP/2 with the server's own authority:
//   node browser.mjs DESCRIPTORS DEV_JSON
// Its page comes from here, under the server's own address, so that no CORS is in play. Exits with 77
// where no browser can be started.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize, sep } from "node:path";

import { CallError, checkFirstEvent, readDevFile, watchDay, workAtDesk } from "../lib/desk.mjs";
import { nodeModules, require, root } from "../lib/packages.mjs";
import { Schema } from "../lib/schema.mjs";

const streams = 100;
// What a call may take while the streams are open, in milliseconds.
const inTime = 2000;
const skipped = 77;

const [descriptors, devFile] = process.argv.slice(2);
const schema = new Schema(descriptors);
const dev = readDevFile(devFile);
const executable = "/usr/bin/chromium";

// A home of its own, whose certificate store knows the server's authority.
function makeHome() {
  const home = mkdtempSync(join(tmpdir(), "clinicd-browser-"));
  const store = join(home, ".pki", "nssdb");
  mkdirSync(store, { recursive: true });
  execFileSync("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
  execFileSync("certutil", [
    "-d", `sql:${store}`, "-A", "-n", "clinicd", "-t", "C,,", "-i", dev.ca,
  ]);
  return home;
}

async function startBrowser(home) {
  const { chromium } = require("playwright-core");
  return chromium.launch({
    executablePath: executable,
    env: { ...process.env, HOME: home },
    // No sandbox of its own: tests run as root and in containers.
    args: ["--no-sandbox", "--disable-quic"],
  });
}

const place = "/conformance-test/";
const types = { js: "text/javascript", html: "text/html", json: "application/json" };

// Where an import map sends each package; a package's own map of exports says its parts.
function importMap() {
  const imports = {};
  for (const name of ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-web"]) {
    const { exports } = JSON.parse(readFileSync(join(nodeModules, name, "package.json")));
    for (const [part, targets] of Object.entries(exports)) {
      const target = targets.import?.default ?? targets.import;
      if (typeof target === "string") {
        imports[join(name, part)] = `${place}${join("modules", name, target)}`;
      }
    }
  }
  return JSON.stringify({ imports });
}

function fileOf(path) {
  if (path === "api.binpb") return readFileSync(descriptors);
  if (path === "page.js") return readFileSync(join(root, "tests", "conformance", "clients", "page.js"));
  if (path === "page.html") {
    return `<!doctype html><title>conformance</title>
<script type="importmap">${importMap()}</script><script type="module" src="${place}page.js"></script>`;
  }
  const file = normalize(join(nodeModules, path.replace(/^modules\//, "")));
  if (!file.startsWith(nodeModules + sep) || !existsSync(file)) return undefined;
  return readFileSync(file);
}

async function openPage(browser, complaints) {
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.route(`${dev.url}${place}**`, (route) => {
    const path = new URL(route.request().url()).pathname.slice(place.length);
    const body = fileOf(path);
    if (body === undefined) return route.fulfill({ status: 404 });
    return route.fulfill({ body, contentType: types[path.split(".").pop()] ?? "application/octet-stream" });
  });
  await page.goto(`${dev.url}${place}page.html`);
  await page.waitForFunction("globalThis.ready");
  return page;
}

// Calls in the page; what cannot cross over to here as an object does as JSON.
const caller = (page, transport) => async (service, method, request, token) => {
  const answer = await page.evaluate(
    (call) => globalThis.call(call), { transport, service, method, request, token });
  if (answer.error) {
    const details = answer.error.details.map(({ type, value }) => ({
      "@type": `type.googleapis.com/${type}`,
      ...schema.decode(schema.message(type), Buffer.from(value, "base64")),
    }));
    throw CallError.of(answer.error.code, details);
  }
  return answer.response;
};

async function watchMany(page, token) {
  const first = await page.evaluate(
    (watch) => globalThis.watch(watch), { ...watchDay, token, streams });
  assert.equal(first.length, streams);
  first.forEach(checkFirstEvent);
  const call = caller(page, "grpc-web");
  for (let round = 0; round < 10; round++) {
    const begun = performance.now();
    await call("clinicd.identity.v1.PractitionerService", "ListPractitioners", {}, token);
    const taken = performance.now() - begun;
    assert.ok(taken < inTime, `a call took ${taken} ms while ${streams} streams were open`);
  }
  assert.equal(await page.evaluate(() => globalThis.openStreams()), streams);
  assert.equal(await page.evaluate(() => globalThis.protocols()), "h2");
}

async function run(browser) {
  const complaints = [];
  const page = await openPage(browser, complaints);
  for (const transport of ["grpc-web", "connect"]) await workAtDesk(caller(page, transport), dev);
  // A refused Connect call has an HTTP status of its own, which the browser puts on its console.
  const others = complaints.filter((text) => !text.startsWith("Failed to load resource"));
  assert.deepEqual(others, []);
  await watchMany(page, await workAtDesk(caller(page, "grpc-web"), dev));
}

if (!existsSync(executable)) {
  console.log(`skipped: there is no ${executable}`);
  process.exit(skipped);
}
const home = makeHome();
let browser;
try {
  browser = await startBrowser(home);
} catch (error) {
  console.log(`skipped: Chromium does not start: ${error.message}`);
  process.exit(skipped);
}
try {
  await run(browser);
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true });
}
