// Debian's Chromium, which knows the server's own authority, and a page in it that comes from here,
// under the server's own address, so that no CORS is in play.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize, sep } from "node:path";

import { nodeModules, require, root } from "./packages.mjs";

// The exit code that says so.
const skipped = 77;
const executable = "/usr/bin/chromium";
const place = "/conformance-test/";
const types = { js: "text/javascript", html: "text/html", json: "application/json" };

// A home of its own, whose certificate store knows the authority.
function makeHome(authority) {
  const home = mkdtempSync(join(tmpdir(), "clinicd-browser-"));
  const store = join(home, ".pki", "nssdb");
  mkdirSync(store, { recursive: true });
  execFileSync("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
  execFileSync("certutil", ["-d", `sql:${store}`, "-A", "-n", "clinicd", "-t", "C,,", "-i", authority]);
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

// Calls `work(browser)`. Ends the process, with 77, where no browser can be started.
export async function withBrowser(dev, work) {
  if (!existsSync(executable)) {
    console.log(`skipped: there is no ${executable}`);
    process.exit(skipped);
  }
  const home = makeHome(dev.ca);
  let browser;
  try {
    browser = await startBrowser(home);
  } catch (error) {
    console.log(`skipped: Chromium does not start: ${error.message}`);
    rmSync(home, { recursive: true, force: true });
    process.exit(skipped);
  }
  try {
    await work(browser);
  } finally {
    await browser.close();
    rmSync(home, { recursive: true, force: true });
  }
}

// Where an import map sends each package; a package's own map of exports says its parts.
function importMap(more) {
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
  for (const [name, path] of Object.entries(more)) imports[name] = place + path;
  return JSON.stringify({ imports });
}

// A file below `directory`, and nothing beside it.
function below(directory, path) {
  const file = normalize(join(directory, path));
  return file.startsWith(directory + sep) && existsSync(file) ? readFileSync(file) : undefined;
}

// Opens a page at `url` that runs `script`, a file of tests/conformance/clients, and has said `ready`.
//   files: paths below the page's address, and what is there; a path that ends with "/" stands for a
//     directory.
//   imports: names of modules, and such a path each.
//   complaints: gets what the page says on its console as an error.
export async function openPage(browser, { url }, { script, files, imports = {}, complaints }) {
  const directories = { "modules/": nodeModules, ...files };
  const fileOf = (path) => {
    if (path === "page.js") return readFileSync(join(root, "tests", "conformance", "clients", script));
    if (path === "page.html") {
      return `<!doctype html><title>conformance</title>
<script type="importmap">${importMap(imports)}</script><script type="module" src="${place}page.js"></script>`;
    }
    if (directories[path]) return readFileSync(directories[path]);
    const start = Object.keys(directories).find((one) => one.endsWith("/") && path.startsWith(one));
    return start && below(directories[start], path.slice(start.length));
  };
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.route(`${url}${place}**`, (route) => {
    const path = new URL(route.request().url()).pathname.slice(place.length);
    const body = fileOf(path);
    if (body === undefined) return route.fulfill({ status: 404 });
    return route.fulfill({ body, contentType: types[path.split(".").pop()] ?? "application/octet-stream" });
  });
  await page.goto(`${url}${place}page.html`);
  await page.waitForFunction("globalThis.ready");
  return page;
}

// What is left of complaints without those of the browser's own about calls that were refused, which
// have an HTTP status of their own in Connect, or that did not get through.
export const ofThePage = (complaints) =>
  complaints.filter((text) => !text.startsWith("Failed to load resource"));
