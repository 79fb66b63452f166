// Watches over the audit log of a session's clinic.
import { fromJsonString } from "@bufbuild/protobuf";
import { Code, type Client, createClient, type Transport } from "@connectrpc/connect";

import { ClinicdError } from "../errors.js";
import {
  AuditLogService,
  CheckpointSchema,
  type Receipt,
} from "../gen/clinicd/audit/v1/audit_log_service_pb.js";
import { SessionService } from "../gen/clinicd/identity/v1/session_service_pb.js";
import { AuditAlarm, checkpointText } from "./alarm.js";
import { openCheckpoint, type OpenedCheckpoint, openSuccessor } from "./checkpoint.js";
import { consistencyHolds, hashLeaf, inclusionHolds, sameBytes } from "./merkle.js";
import { type NoteKey, parseNoteKey } from "./note.js";
import { type CheckpointStore, defaultCheckpointStore } from "./store.js";

export interface AuditLogOptions {
  /**
   * Keys of the server's log, as its operator hands them out: "name+id+base64". Signatures are checked
   * with these. Without any, the first checkpoint is trusted, and what follows has to continue it.
   */
  readonly keys?: readonly string[];
  /** Default: localStorage where there is one, else memory. */
  readonly store?: CheckpointStore;
  /** How long the background leaves the log alone between two checks. Default: ten minutes. */
  readonly everyMs?: number;
  /** The clinic whose log it must be. Default: the one that the server says the session is in. */
  readonly clinicId?: string;
}

/** What became of receipts. */
export interface ReceiptReport {
  readonly proven: readonly Receipt[];
  /** The server knows no such event, or has not sealed it: after a minute that is a loss. */
  readonly missing: readonly Receipt[];
  /** The event is another than the receipt says. */
  readonly changed: readonly Receipt[];
}

// A proof of inclusion and one of consistency are about the same log only if nothing was sealed in
// between.
const linkAttemptsMax = 8;

/**
 * Keeps the last checkpoint of the clinic's audit log, and believes only those that continue it. What
 * is refused is never kept.
 */
export class AuditLog {
  private readonly client: Client<typeof AuditLogService>;
  private readonly sessions: Client<typeof SessionService>;
  private readonly store: CheckpointStore;
  private readonly keys: Promise<readonly NoteKey[]>;
  private clinicId: Promise<string> | undefined;
  // The check under way; everybody waits for the same one.
  private checking: Promise<OpenedCheckpoint | undefined> | undefined;

  /** `transport` is a session's. */
  constructor(transport: Transport, options: AuditLogOptions = {}) {
    this.client = createClient(AuditLogService, transport);
    this.sessions = createClient(SessionService, transport);
    this.store = options.store ?? defaultCheckpointStore();
    this.keys = Promise.all((options.keys ?? []).map(parseNoteKey));
    // Whoever uses the keys learns what is wrong with them.
    this.keys.catch(() => {});
    if (options.clinicId !== undefined) this.clinicId = Promise.resolve(options.clinicId);
  }

  /**
   * Gets the newest checkpoint and keeps it if it continues the kept one. Undefined while the server
   * has sealed nothing yet. Throws AuditAlarm for a log that cannot be believed, ClinicdError where the
   * server cannot be asked.
   */
  check(): Promise<OpenedCheckpoint | undefined> {
    this.checking ??= this.advance().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  /**
   * Forgets the kept checkpoint and trusts what the server shows now, as at the first use: for somebody
   * who knows why the log began anew. Returns what was kept, as JSON.
   */
  async trustAnew(): Promise<string | undefined> {
    const clinicId = await this.clinic();
    const forgotten = await this.store.load(clinicId);
    const shown = await this.client.getCheckpoint({});
    const { checkpoint } = await openCheckpoint(shown, clinicId, await this.keys);
    await this.store.save(clinicId, checkpointText(checkpoint));
    return forgotten;
  }

  /**
   * Asks for the proofs of receipts, which needs the permission `audit.event.read`, and says which hold.
   * Give those that are a minute old: events are sealed seconds after they were recorded. Throws as
   * check() does.
   */
  async verifyReceipts(receipts: Iterable<Receipt>): Promise<ReceiptReport> {
    const report = { proven: [] as Receipt[], missing: [] as Receipt[], changed: [] as Receipt[] };
    const kept = await this.check();
    // Sizes of the clinic's log at which it is known to be the kept one.
    const linked = new Map<bigint, Uint8Array>();
    if (kept) linked.set(kept.checkpoint.treeSize, kept.checkpoint.rootHash);
    for (const receipt of receipts) {
      report[await this.verifyReceipt(receipt, linked)].push(receipt);
    }
    return report;
  }

  private async verifyReceipt(
    receipt: Receipt,
    linked: Map<bigint, Uint8Array>,
  ): Promise<keyof ReceiptReport> {
    const clinicId = await this.clinic();
    const proof = await this.client.getInclusionProof({ eventId: receipt.eventId }).catch(notFound);
    if (!proof) return "missing";
    const opened = await openCheckpoint(proof.checkpoint, clinicId, await this.keys);
    await this.link(opened, linked);
    const { treeSize, rootHash } = opened.checkpoint;
    const holds =
      receipt.clinicId === clinicId &&
      sameBytes(receipt.leafHash, proof.leafHash) &&
      (proof.leaf.length === 0 || sameBytes(await hashLeaf(proof.leaf), proof.leafHash)) &&
      (await inclusionHolds(proof.leafIndex, treeSize, proof.leafHash, proof.proof, rootHash));
    return holds ? "proven" : "changed";
  }

  /** Throws AuditAlarm unless the checkpoint is of the log that is kept. */
  private async link(shown: OpenedCheckpoint, linked: Map<bigint, Uint8Array>): Promise<void> {
    const { checkpoint, meta } = shown;
    for (let attempt = 0; !linked.has(checkpoint.treeSize); attempt++) {
      const kept = await this.check();
      if (!kept || attempt === linkAttemptsMax) {
        throw new AuditAlarm(kept ? "fork" : "rollback", kept?.checkpoint, checkpoint);
      }
      const sizes = { treeSize: checkpoint.treeSize, metaSize: meta.size };
      const { proof, checkpoint: newest } = await this.client.getConsistencyProof(sizes);
      if (meta.origin !== kept.meta.origin) throw new AuditAlarm("origin", kept.checkpoint, checkpoint);
      const now = kept.checkpoint;
      if (newest?.treeSize !== now.treeSize && checkpoint.treeSize !== now.treeSize) continue;
      const path = checkpoint.treeSize === now.treeSize ? [] : proof;
      const holds = await consistencyHolds(
        checkpoint.treeSize, checkpoint.rootHash, now.treeSize, now.rootHash, path);
      if (!holds) {
        throw new AuditAlarm("fork", now, checkpoint);
      }
      linked.set(checkpoint.treeSize, checkpoint.rootHash);
    }
    if (!sameBytes(linked.get(checkpoint.treeSize)!, checkpoint.rootHash)) {
      throw new AuditAlarm("fork", (await this.check())?.checkpoint, checkpoint);
    }
  }

  private clinic(): Promise<string> {
    this.clinicId ??= this.sessions.whoAmI({}).then(
      ({ clinic }) => clinic?.id ?? "",
      (thrown) => {
        this.clinicId = undefined;
        throw thrown;
      },
    );
    return this.clinicId;
  }

  private async advance(): Promise<OpenedCheckpoint | undefined> {
    const clinicId = await this.clinic();
    const keys = await this.keys;
    const text = await this.store.load(clinicId);
    const now =
      text === undefined ? await this.first(clinicId, keys) : await this.next(text, clinicId, keys);
    if (now) await this.keep(now, clinicId);
    return now;
  }

  private async first(
    clinicId: string,
    keys: readonly NoteKey[],
  ): Promise<OpenedCheckpoint | undefined> {
    const checkpoint = await this.client.getCheckpoint({}).catch(empty);
    return checkpoint && openCheckpoint(checkpoint, clinicId, keys);
  }

  private async next(
    text: string,
    clinicId: string,
    keys: readonly NoteKey[],
  ): Promise<OpenedCheckpoint> {
    const kept = await openKept(text, clinicId, keys);
    const sizes = { treeSize: kept.checkpoint.treeSize, metaSize: kept.meta.size };
    try {
      return await openSuccessor(kept, await this.client.getConsistencyProof(sizes), keys);
    } catch (thrown) {
      if (!(thrown instanceof ClinicdError) || isNoAnswer(thrown)) throw thrown;
      if (!isShorter(thrown)) throw new AuditAlarm("refused", kept.checkpoint, undefined);
      const shown = await this.client.getCheckpoint({}).catch(empty);
      const renamed = await isRenamed(kept, shown, keys);
      throw new AuditAlarm(renamed ? "origin" : "rollback", kept.checkpoint, shown);
    }
  }

  /** Keeps it unless somebody else, in another tab, has kept a newer one meanwhile. */
  private async keep(now: OpenedCheckpoint, clinicId: string): Promise<void> {
    const text = await this.store.load(clinicId);
    const other = text === undefined ? undefined : await openKept(text, clinicId, await this.keys);
    if (other && other.meta.size >= now.meta.size) return;
    await this.store.save(clinicId, checkpointText(now.checkpoint));
  }
}

async function openKept(
  text: string,
  clinicId: string,
  keys: readonly NoteKey[],
): Promise<OpenedCheckpoint> {
  try {
    return await openCheckpoint(fromJsonString(CheckpointSchema, text), clinicId, keys);
  } catch (thrown) {
    throw new AuditAlarm("kept", thrown instanceof AuditAlarm ? thrown.shown : undefined, undefined);
  }
}

/** Whether the log goes on under another name, which a rollback alone does not explain. */
async function isRenamed(
  kept: OpenedCheckpoint,
  shown: OpenedCheckpoint["checkpoint"] | undefined,
  keys: readonly NoteKey[],
): Promise<boolean> {
  if (!shown) return false;
  const opened = await openCheckpoint(shown, kept.checkpoint.clinicId, keys).catch(() => undefined);
  return opened !== undefined && opened.meta.origin !== kept.meta.origin;
}

const isShorter = ({ reason }: ClinicdError): boolean =>
  reason === "AUDIT_LOG_SHORTER" || reason === "AUDIT_LOG_EMPTY";

/** Whether the server was not reached, or the session is over: nothing is known of the log then. */
const isNoAnswer = (error: ClinicdError): boolean =>
  error.mayPass || error.code === Code.Unauthenticated || error.code === Code.Canceled;

function empty(thrown: unknown): undefined {
  if (thrown instanceof ClinicdError && thrown.reason === "AUDIT_LOG_EMPTY") return undefined;
  throw thrown;
}

function notFound(thrown: unknown): undefined {
  const reasons = ["AUDIT_EVENT_NOT_FOUND", "AUDIT_LOG_EMPTY"];
  if (thrown instanceof ClinicdError && reasons.includes(thrown.reason)) return undefined;
  throw thrown;
}
