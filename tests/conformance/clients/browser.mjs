// connect-web in Debian's Chromium, over HTTP/2 with the server's own authority:
//   node browser.mjs DESCRIPTORS DEV_JSON
// Exits with 77 where no browser can be started.
import assert from "node:assert/strict";

import { ofThePage, openPage, withBrowser } from "../lib/browser.mjs";
import { CallError, checkFirstEvent, readDevFile, watchDay, workAtDesk } from "../lib/desk.mjs";
import { Schema } from "../lib/schema.mjs";

const streams = 100;
// What a call may take while the streams are open, in milliseconds.
const inTime = 2000;

const [descriptors, devFile] = process.argv.slice(2);
const schema = new Schema(descriptors);
const dev = readDevFile(devFile);

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

// The server's own page, under its own policies: nothing that it needs is forbidden it.
async function openFrontPage(browser) {
  const complaints = [];
  const page = await browser.newPage();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  const answer = await page.goto(dev.url);
  assert.equal(answer.status(), 200);
  assert.equal(await page.evaluate(() => globalThis.document.styleSheets.length), 1);
  // It has no icon.
  assert.deepEqual(ofThePage(complaints), []);
  await page.close();
}

await withBrowser(dev, async (browser) => {
  await openFrontPage(browser);
  const complaints = [];
  const page =
    await openPage(browser, dev, { script: "page.js", files: { "api.binpb": descriptors }, complaints });
  for (const transport of ["grpc-web", "connect"]) await workAtDesk(caller(page, transport), dev);
  assert.deepEqual(ofThePage(complaints), []);
  await watchMany(page, await workAtDesk(caller(page, "grpc-web"), dev));
});
