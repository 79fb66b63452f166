// What the watch over the audit log believes, and what not.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Code, ConnectError, createClient } from "@connectrpc/connect";

import type { Checkpoint, ConsistencyProof } from "../src/gen/clinicd/audit/v1/audit_log_service_pb.js";
import { SessionService } from "../src/gen/clinicd/identity/v1/session_service_pb.js";
import { AuditAlarm, type AuditAlarmKind, ClinicdError, MemoryCheckpointStore } from "../src/index.js";
import { failure } from "./fake.js";
import { clinicId, FakeAuditServer, FakeLog, LogKey } from "./fake_log.js";

async function scene({ pinned = true } = {}) {
  const log = await new FakeLog().grow(5);
  const server = new FakeAuditServer(log);
  const store = new MemoryCheckpointStore();
  const keys = pinned ? [log.key.text] : [];
  const { auditLog } = server.session({ auditLog: { keys, store } });
  return { log, server, store, auditLog };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function alarmOf(check: Promise<unknown>): Promise<AuditAlarm> {
  const thrown = await check.then(() => assert.fail("it was believed"), (error: unknown) => error);
  assert.ok(thrown instanceof AuditAlarm, String(thrown));
  return thrown;
}

/** Checks that the server is not believed, why, and that nothing of it is kept. */
async function mustRefuse({ auditLog, store }: Scene, kind: AuditAlarmKind): Promise<AuditAlarm> {
  const kept = store.load(clinicId);
  const alarm = await alarmOf(auditLog.check());
  assert.equal(alarm.kind, kind);
  assert.equal(store.load(clinicId), kept);
  return alarm;
}

for (const pinned of [true, false]) {
  const how = pinned ? "with a pinned key" : "trusted at first use";

  test(`a log that goes on is kept, ${how}`, async () => {
    const { log, store, auditLog } = await scene({ pinned });
    let size = 5n;
    for (const events of [0, 4, 0, 1, 300]) {
      await log.grow(events);
      size += BigInt(events);
      assert.equal((await auditLog.check())?.checkpoint.treeSize, size);
      assert.match(store.load(clinicId)!, new RegExp(`"treeSize":"${size}"`));
    }
  });

  test(`a log that was rolled back is refused, ${how}`, async () => {
    const made = await scene({ pinned });
    const backup = made.log.copy();
    await made.log.grow(3);
    await made.auditLog.check();

    made.server.log = backup;

    const alarm = await mustRefuse(made, "rollback");
    assert.equal(alarm.kept?.treeSize, 8n);
    assert.equal(alarm.shown?.treeSize, 5n);
    assert.match(alarm.evidence.kept!, /"treeSize":"8"/);
    assert.match(alarm.evidence.shown!, /"treeSize":"5"/);
  });

  test(`a log that went another way since a backup is refused, ${how}`, async () => {
    const made = await scene({ pinned });
    const backup = made.log.copy();
    await made.log.grow(3);
    await made.auditLog.check();

    for (const events of [3, 4]) {
      made.server.log = await backup.copy().grow(events, "so it was not");
      await mustRefuse(made, "fork");
    }
  });

  test(`an emptied log is refused, ${how}`, async () => {
    const made = await scene({ pinned });
    await made.auditLog.check();
    made.server.log = new FakeLog(made.log.key);

    const alarm = await mustRefuse(made, "rollback");
    assert.equal(alarm.shown, undefined);
  });

  test(`a log that another key signs is refused, ${how}`, async () => {
    const made = await scene({ pinned });
    await made.auditLog.check();
    made.log.key = new LogKey();
    await made.log.grow(1);

    await mustRefuse(made, "signature");
  });

  test(`another origin is refused until it is trusted anew, ${how}`, async () => {
    const made = await scene({ pinned });
    await made.auditLog.check();
    made.log.origin += "#1";
    await made.log.grow(1);

    await mustRefuse(made, "origin");
    assert.match((await made.auditLog.trustAnew())!, /"treeSize":"5"/);
    assert.equal((await made.auditLog.check())?.checkpoint.treeSize, 6n);
  });

  test(`a shorter log of another origin is told from a rollback, ${how}`, async () => {
    const made = await scene({ pinned });
    const backup = made.log.copy();
    await made.log.grow(3);
    await made.auditLog.check();
    backup.origin += "#1";
    made.server.log = backup;

    await mustRefuse(made, "origin");
  });
}

test("a first checkpoint is believed only from the key that is pinned", async () => {
  const made = await scene();
  made.log.key = new LogKey();
  await mustRefuse(made, "signature");
  made.log.key = new LogKey("other.example/audit");
  await mustRefuse(made, "signature");
  made.log.origin = "other.example/audit";
  await mustRefuse(made, "origin");
});

test("a key that is none is named", async () => {
  const { server, log } = await scene();
  for (const key of ["", "a+b", log.key.text.slice(0, -4), log.key.text.replace(/\+[0-9a-f]{8}\+/, "+00000000+")]) {
    await assert.rejects(server.session({ auditLog: { keys: [key] } }).auditLog.check(), TypeError);
  }
});

test("a signature that does not fit the note is refused", async () => {
  const made = await scene();
  made.server.bendCheckpoint = (checkpoint) => {
    const note = checkpoint.note.replace(/\n6\n|\n3\n/, "\n7\n");
    assert.notEqual(note, checkpoint.note);
    return { ...checkpoint, note };
  };
  await mustRefuse(made, "signature");
});

test("signatures are checked where the browser has no Ed25519 of its own", async () => {
  const made = await scene();
  const { importKey } = crypto.subtle;
  const none = mock.method(crypto.subtle, "importKey", () => Promise.reject(new DOMException("", "NotSupportedError")));
  try {
    assert.equal((await made.auditLog.check())?.checkpoint.treeSize, 5n);
    assert.equal(none.mock.callCount(), 1);
    made.server.bendProof = (proof) => {
      const note = proof.checkpoint!.note;
      return { ...proof, checkpoint: { ...proof.checkpoint!, note: `${note.slice(0, -5)}AAA=\n` } };
    };
    await mustRefuse(made, "signature");
  } finally {
    none.mock.restore();
  }
  assert.equal(crypto.subtle.importKey, importKey);
});

const checkpointLies: Record<string, [AuditAlarmKind, (true_: Checkpoint) => Partial<Checkpoint>]> = {
  "a size that is too large": ["meta_inclusion", ({ treeSize }) => ({ treeSize: treeSize + 1n })],
  "a size that is too small": ["meta_inclusion", ({ treeSize }) => ({ treeSize: treeSize - 1n })],
  "an empty tree": ["format", () => ({ treeSize: 0n })],
  "a negative size": ["format", () => ({ treeSize: -1n })],
  "another root": ["meta_inclusion", ({ metaProof }) => ({ rootHash: metaProof[0]! })],
  "half a root": ["format", ({ rootHash }) => ({ rootHash: rootHash.slice(16) })],
  "another place": ["meta_inclusion", ({ metaIndex }) => ({ metaIndex: metaIndex + 1n })],
  "a place outside": ["meta_inclusion", () => ({ metaIndex: 1n << 62n })],
  "no proof": ["meta_inclusion", () => ({ metaProof: [] })],
  "a proof that is too long": ["meta_inclusion", ({ metaProof }) => ({ metaProof: [...metaProof, ...metaProof] })],
  "another clinic": ["clinic", () => ({ clinicId: clinicId.replace(/1$/, "2") })],
  "no clinic": ["format", () => ({ clinicId: "" })],
  "no note": ["format", () => ({ note: "" })],
  "an unsigned note": ["format", ({ note }) => ({ note: note.slice(0, note.indexOf("\n\n") + 2) })],
  "a note with a line more": ["format", ({ note }) => ({ note: note.replace("\n\n", "\nmore\n\n") })],
  "a note with another end of lines": ["format", ({ note }) => ({ note: note.replaceAll("\n", "\r\n") })],
};

for (const [what, [kind, bend]] of Object.entries(checkpointLies)) {
  test(`${what} in a checkpoint is not believed`, async () => {
    const made = await scene();
    const lie = (checkpoint: Checkpoint): Checkpoint => ({ ...checkpoint, ...bend(checkpoint) });
    made.server.bendCheckpoint = lie;
    await mustRefuse(made, kind);

    made.server.bendCheckpoint = (checkpoint) => checkpoint;
    await made.auditLog.check();
    await made.log.grow(2);
    made.server.bendProof = (proof) => ({ ...proof, checkpoint: lie(proof.checkpoint!) });
    const alarm = await mustRefuse(made, kind);
    assert.equal(alarm.kept?.treeSize, 5n);
  });
}

const proofLies: Record<string, (true_: ConsistencyProof) => Partial<ConsistencyProof>> = {
  "no proof of consistency": () => ({ proof: [] }),
  "no proof of the log of all clinics": () => ({ metaProof: [] }),
  "the proofs of each other": ({ proof, metaProof }) => ({ proof: metaProof, metaProof: proof }),
  "a proof that is cut off": ({ proof }) => ({ proof: proof.slice(1) }),
  "a proof that is too long": ({ proof }) => ({ proof: [...proof, proof[0]!] }),
  "hashes that are none": ({ proof }) => ({ proof: proof.map((hash) => hash.slice(1)) }),
};

for (const [what, bend] of Object.entries(proofLies)) {
  test(`${what} is not believed`, async () => {
    const made = await scene();
    await made.auditLog.check();
    await made.log.grow(2);
    made.server.bendProof = (proof) => ({ ...proof, ...bend(proof) });

    await mustRefuse(made, "fork");
  });
}

test("a proof that ends in an older checkpoint is a rollback", async () => {
  const made = await scene();
  const old = await made.log.checkpoint();
  await made.log.grow(2);
  await made.auditLog.check();
  made.server.bendProof = (proof) => ({ ...proof, checkpoint: old });

  await mustRefuse(made, "rollback");
});

test("a server that will not prove its log is refused", async () => {
  const made = await scene();
  await made.auditLog.check();
  made.server.bendProof = () => {
    throw failure(Code.PermissionDenied, "PERMISSION_MISSING");
  };

  await mustRefuse(made, "refused");
});

test("a server that cannot be reached says nothing of its log", async () => {
  const made = await scene();
  await made.auditLog.check();
  made.server.bendProof = () => {
    throw new ConnectError("", Code.Unavailable);
  };

  await assert.rejects(made.auditLog.check(), ClinicdError);
});

test("a kept checkpoint that cannot be read is named, and not replaced", async () => {
  const made = await scene();
  for (const text of ["", "{}", "null", '{"treeSize":"5"}']) {
    made.store.save(clinicId, text);
    await mustRefuse(made, "kept");
  }
});

test("a log without events is asked again", async () => {
  const log = new FakeLog();
  const { auditLog } = new FakeAuditServer(log).session({ auditLog: { store: new MemoryCheckpointStore() } });
  assert.equal(await auditLog.check(), undefined);
  await log.grow(1);
  assert.equal((await auditLog.check())?.checkpoint.treeSize, 1n);
});

test("a newer checkpoint of another tab is not replaced by an older one", async () => {
  const made = await scene();
  const old = made.log.copy();
  await made.log.grow(1);
  await made.auditLog.check();
  // This one looked before the other kept its own.
  let looks = 0;
  const store = {
    load: (id: string) => (looks++ === 0 ? undefined : made.store.load(id)),
    save: () => assert.fail("it was replaced"),
  };
  const { auditLog } = new FakeAuditServer(old).session({ auditLog: { store } });

  assert.equal((await auditLog.check())?.checkpoint.treeSize, 5n);
  assert.equal(looks, 2);
});

test("the background checks on sign-in, then at most once in a while, and no call waits for it", async () => {
  const made = await scene();
  let now = 1_700_000_000_000;
  let proceed = () => {};
  const blocked = new Promise<void>((resolve) => { proceed = resolve; });
  const alarms: AuditAlarm[] = [];
  const session = made.server.session({
    now: () => now,
    auditLog: {
      everyMs: 1000,
      store: {
        load: async (id) => (await blocked, made.store.load(id)),
        save: (id, text) => made.store.save(id, text),
      },
    },
    onAuditAlarm: (alarm) => alarms.push(alarm),
  });
  const settled = () => new Promise((resolve) => setImmediate(() => setTimeout(resolve, 0)));
  const until = async (condition: () => boolean) => {
    for (const end = Date.now() + 10_000; !condition() && Date.now() < end; ) await settled();
    assert.ok(condition());
  };
  const client = createClient(SessionService, session.transport);

  await client.whoAmI({});
  assert.equal(made.server.calls, 0);
  proceed();
  await until(() => made.store.load(clinicId) !== undefined);
  assert.equal(made.server.calls, 1);

  await client.whoAmI({});
  await settled();
  assert.equal(made.server.calls, 1);
  made.server.log = new FakeLog(made.log.key);
  now += 1000;
  await client.whoAmI({});
  await until(() => alarms.length === 1);
  assert.equal(alarms[0]!.kind, "rollback");
});

test("receipts are proven, and what is missing or changed is named", async () => {
  const { log, auditLog } = await scene();
  const receipts = [
    await log.receipt(0), await log.receipt(4), await log.receipt(2, "so it was not"), await log.receipt(7)];

  const report = await auditLog.verifyReceipts(receipts);

  assert.deepEqual(report.proven, receipts.slice(0, 2));
  assert.deepEqual(report.changed, [receipts[2]]);
  assert.deepEqual(report.missing, [receipts[3]]);
});

test("receipts are proven while the log grows", async () => {
  const made = await scene();
  const receipts = [await made.log.receipt(0), await made.log.receipt(1)];
  let growths = 0;
  await made.auditLog.check();
  await made.log.grow(2);
  const inclusion = made.log.inclusion.bind(made.log);
  made.log.inclusion = async (event) => {
    const proof = await inclusion(event);
    if (growths++ < 3) await made.log.grow(1);
    return proof;
  };

  assert.deepEqual((await made.auditLog.verifyReceipts(receipts)).proven, receipts);
});

test("a proof of inclusion in another log than the kept one is an alarm", async () => {
  const made = await scene();
  const receipts = [await made.log.receipt(0, "so it was not")];
  const forged = await new FakeLog(made.log.key).grow(6, "so it was not");
  made.log.inclusion = (event) => forged.inclusion(event);
  await made.log.grow(3);

  assert.equal((await alarmOf(made.auditLog.verifyReceipts(receipts))).kind, "fork");
});

test("an inclusion that is not proven is no inclusion", async () => {
  const made = await scene();
  const receipts = [await made.log.receipt(3)];
  made.server.bendInclusion = (proof) => ({ ...proof, proof: [] });
  assert.equal((await made.auditLog.verifyReceipts(receipts)).changed.length, 1);
  made.server.bendInclusion = (proof) => ({ ...proof, leafIndex: 2n });
  assert.equal((await made.auditLog.verifyReceipts(receipts)).changed.length, 1);
  made.server.bendInclusion = (proof) => ({ ...proof, leaf: Uint8Array.of(1) });
  assert.equal((await made.auditLog.verifyReceipts(receipts)).changed.length, 1);
});
