// What a checkpoint proves by itself, and beside one that was kept.
import type { Checkpoint, ConsistencyProof } from "../gen/clinicd/audit/v1/audit_log_service_pb.js";

import { AuditAlarm, type AuditAlarmKind } from "./alarm.js";
import { consistencyHolds, hashLeaf, inclusionHolds, treeSizeMax } from "./merkle.js";
import {
  logOf,
  type Note,
  type NoteKey,
  parseNote,
  parseTreeHead,
  signatureHolds,
  type TreeHead,
} from "./note.js";

/** A checkpoint, and what its note states of the log of all clinics. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly meta: TreeHead;
  /** Keys of the log that signed, as "name+id"; without known keys those that are said to have. */
  readonly signers: readonly string[];
}

/** The head of a clinic's log as it is hashed into the log of all clinics: deterministic CBOR. */
function clinicHead(checkpoint: Checkpoint, clinic: Uint8Array): Uint8Array {
  const kind = new TextEncoder().encode("clinicd-clinic-head");
  const size = checkpoint.treeSize;
  const width = size < 24n ? 0 : size < 1n << 8n ? 1 : size < 1n << 16n ? 2 : size < 1n << 32n ? 4 : 8;
  const number = width === 0 ? [Number(size)] : [0x18 + Math.log2(width)];
  for (let i = width - 1; i >= 0; i--) number.push(Number((size >> BigInt(8 * i)) & 0xffn));
  return Uint8Array.of(
    0x85, 0x60 + kind.length, ...kind, 0x01, 0x50, ...clinic, ...number, 0x58, 0x20, ...checkpoint.rootHash);
}

function uuidBytes(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return undefined;
  return Uint8Array.from(text.replaceAll("-", "").match(/../g)!, (byte) => parseInt(byte, 16));
}

/** The keys that signed; undefined if one that is known did so falsely, or none did. */
async function signersOf(
  note: Note,
  log: string,
  keys: readonly NoteKey[],
): Promise<readonly string[] | undefined> {
  const signers: string[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((one) => one.name === name && one.keyId === keyId);
    if (key && !(await signatureHolds(key, note.text, signature))) return undefined;
    if (name === log && (key || keys.length === 0)) signers.push(`${name}+${keyId}`);
  }
  return signers.length > 0 ? signers : undefined;
}

/** Opens a checkpoint of the clinic. Throws AuditAlarm unless it is true in itself. */
export async function openCheckpoint(
  checkpoint: Checkpoint | undefined,
  clinicId: string,
  keys: readonly NoteKey[],
): Promise<OpenedCheckpoint> {
  const refuse = (kind: AuditAlarmKind) => new AuditAlarm(kind, undefined, checkpoint);
  if (!checkpoint) throw refuse("format");
  const clinic = uuidBytes(checkpoint.clinicId);
  const note = parseNote(checkpoint.note);
  const meta = note && parseTreeHead(note.text);
  const isSize = checkpoint.treeSize > 0n && checkpoint.treeSize <= treeSizeMax;
  if (!clinic || !meta || !isSize || checkpoint.rootHash.length !== 32) throw refuse("format");
  if (checkpoint.clinicId !== clinicId) throw refuse("clinic");
  const log = logOf(meta.origin);
  if (keys.length > 0 && !keys.some(({ name }) => name === log)) throw refuse("origin");
  const signers = await signersOf(note, log, keys);
  if (!signers) throw refuse("signature");
  const leaf = await hashLeaf(clinicHead(checkpoint, clinic));
  if (!(await inclusionHolds(checkpoint.metaIndex, meta.size, leaf, checkpoint.metaProof, meta.root))) {
    throw refuse("meta_inclusion");
  }
  return { checkpoint, meta, signers };
}

/** Throws AuditAlarm unless `proof` shows that the log of its checkpoint continues the kept one. */
export async function openSuccessor(
  kept: OpenedCheckpoint,
  proof: ConsistencyProof,
  keys: readonly NoteKey[],
): Promise<OpenedCheckpoint> {
  const old = kept.checkpoint;
  const refuse = (kind: AuditAlarmKind) => new AuditAlarm(kind, old, proof.checkpoint);
  const now = await openCheckpoint(proof.checkpoint, old.clinicId, keys).catch((thrown) => {
    throw thrown instanceof AuditAlarm ? refuse(thrown.kind) : thrown;
  });
  const { checkpoint, meta, signers } = now;
  if (meta.origin !== kept.meta.origin) throw refuse("origin");
  // Without a key to check with, at least the same key must be said to have signed.
  if (keys.length === 0 && !signers.some((one) => kept.signers.includes(one))) throw refuse("signature");
  if (checkpoint.treeSize < old.treeSize || meta.size < kept.meta.size) throw refuse("rollback");
  const holds =
    (await consistencyHolds(
      old.treeSize, old.rootHash, checkpoint.treeSize, checkpoint.rootHash, proof.proof)) &&
    (await consistencyHolds(
      kept.meta.size, kept.meta.root, meta.size, meta.root, proof.metaProof));
  if (!holds) throw refuse("fork");
  return now;
}
