// Signs in as a tablet does, with a checkpoint that is kept in the file CLINICD_KEPT_FILE, and says what
// became of it: "kept N" or "alarm KIND KEPT SHOWN".
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { AuditAlarm, Session } from "../../src/index.js";
import { createNodeTransport } from "../../src/node.js";

interface DevFile {
  url: string;
  ca: string;
  logins: { clinic: string; email: string; password: string; role: string }[];
}

async function main(kept: string): Promise<string> {
  const dev = JSON.parse(readFileSync(process.env["CLINICD_DEV_JSON"]!, "utf8")) as DevFile;
  const login = dev.logins.find(({ role }) => role === "receptionist")!;
  const key = process.env["CLINICD_LOG_KEY"];
  const store = {
    load: () => (existsSync(kept) ? readFileSync(kept, "utf8") : undefined),
    save: (_: string, text: string) => writeFileSync(kept, text),
  };
  const session = await Session.signIn(
    createNodeTransport({ url: dev.url, caFile: dev.ca }),
    { clinicSlug: login.clinic, email: login.email, password: login.password },
    { auditLog: { store, ...(key ? { keys: [key] } : {}) } },
  );
  try {
    return `kept ${(await session.auditLog.check())?.checkpoint.treeSize}`;
  } catch (thrown) {
    if (!(thrown instanceof AuditAlarm)) throw thrown;
    return `alarm ${thrown.kind} ${thrown.kept?.treeSize} ${thrown.shown?.treeSize}`;
  }
}

const file = process.env["CLINICD_KEPT_FILE"];
if (file) console.log(await main(file));
