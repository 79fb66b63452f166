// The TypeScript SDK in Debian's Chromium, over createWebTransport():
//   node browser_sdk.mjs SDK_PACKAGE DEV_JSON
// Exits with 77 where no browser can be started.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ofThePage, openPage, withBrowser } from "../lib/browser.mjs";
import { readDevFile } from "../lib/desk.mjs";
import { Network } from "../lib/network.mjs";
import { nodeModules } from "../lib/packages.mjs";

const [sdk, devFile] = process.argv.slice(2);
const dev = readDevFile(devFile);
const login = dev.logins.find(({ role }) => role === "receptionist");
const credentials = { clinicSlug: login.clinic, email: login.email, password: login.password };

const calls = ["refusals", "fields", "bookOnce", "listAll", "refresh"];
const streams = ["watchAcrossLoss"];

async function ask(page, protocol, questions) {
  for (const name of questions) {
    const answer =
      await page.evaluate(([what, input]) => globalThis.ask(what, input), [name, { protocol, credentials }]);
    assert.equal(answer, "", `${name} over ${protocol}: ${answer}`);
  }
}

// The appointments of the same clinic for somebody who is no browser.
async function colleague() {
  const load = (...path) => import(pathToFileURL(join(...path)));
  const { Session } = await load(sdk, "dist/src/index.js");
  const { createNodeTransport } = await load(sdk, "dist/src/node.js");
  const { AppointmentService } =
    await load(sdk, "dist/src/gen/clinicd/appointments/v1/appointment_service_pb.js");
  const { createClient } = await load(nodeModules, "@connectrpc/connect/dist/esm/index.js");
  const session =
    await Session.signIn(createNodeTransport({ url: dev.url, caFile: dev.ca }), credentials);
  return createClient(AppointmentService, session.transport);
}

// A tablet that loses its network knows afterwards what was booked meanwhile.
async function loseNetwork(page, network) {
  const appointments = await colleague();
  const { appointment, date } = await page.evaluate(() => globalThis.startWatch());
  await page.waitForFunction(() => globalThis.watched.complete);

  network.lose();
  const booked = await appointments.createAppointment({ appointment });
  await page.waitForFunction(() => globalThis.watched.disconnected > 0);
  network.restore();
  await page.waitForFunction((id) => globalThis.watched.ids.includes(id), booked.id);

  const { appointments: day } = await appointments.listAppointments({ date });
  assert.deepEqual(await page.evaluate(() => globalThis.stopWatch()), day.map(({ id }) => id));
}

const network = new Network(dev.url);
await network.start();
await withBrowser(dev, async (browser) => {
  const complaints = [];
  const page = await openPage(browser, network, {
    script: "page_sdk.js",
    files: { "sdk/": join(sdk, "dist", "src") },
    imports: {
      "@clinicd/sdk": "sdk/index.js",
      "@clinicd/sdk/web": "sdk/web.js",
      "@clinicd/sdk/api/": "sdk/gen/",
    },
    complaints,
  });
  await ask(page, "grpc-web", [...calls, ...streams]);
  await ask(page, "connect", calls);
  await loseNetwork(page, network);
  assert.deepEqual(ofThePage(complaints), []);
});
network.stop();
