// What is said when a server's audit log is not the one that it was.
import { create, toJsonString } from "@bufbuild/protobuf";

import { type Checkpoint, CheckpointSchema } from "../gen/clinicd/audit/v1/audit_log_service_pb.js";

/**
 * What is wrong:
 *
 * - `rollback`: the log is shorter than it was; events are gone.
 * - `fork`: the log does not continue the kept checkpoint; events were changed.
 * - `origin`: it is another log, or one that began anew behind a restored backup.
 * - `signature`: nobody who is known signed it, or somebody falsely.
 * - `meta_inclusion`: the clinic's head is not in what was signed.
 * - `clinic`: it is another clinic's.
 * - `format`: it is no checkpoint, proof or receipt.
 * - `refused`: the server does not prove that its log continues the kept one.
 * - `kept`: what was kept cannot be read any more.
 */
export type AuditAlarmKind =
  | "rollback" | "fork" | "origin" | "signature" | "meta_inclusion" | "clinic" | "format"
  | "refused" | "kept";

const messages: Readonly<Record<AuditAlarmKind, string>> = {
  rollback: "The audit log is shorter than it was.",
  fork: "The audit log does not continue the one that was kept.",
  origin: "The audit log has another origin than the one that was kept.",
  signature: "The audit log is not signed by a key that is known.",
  meta_inclusion: "The clinic's audit log is not part of what the server signed.",
  clinic: "The audit log is another clinic's.",
  format: "The server sent no checkpoint.",
  refused: "The server does not prove its audit log.",
  kept: "The checkpoint that was kept cannot be read.",
};

/**
 * The checkpoint as proto3 JSON, which `clinicd audit verify --since` takes: without `sealTime`, which
 * proves nothing.
 */
export function checkpointText({ sealTime: _, ...proven }: Checkpoint): string {
  return toJsonString(CheckpointSchema, create(CheckpointSchema, proven));
}

/** The audit log cannot be believed. Both checkpoints are evidence: keep them. */
export class AuditAlarm extends Error {
  override readonly name = "AuditAlarm";

  constructor(
    readonly kind: AuditAlarmKind,
    /** What was kept; undefined if nothing was. */
    readonly kept: Checkpoint | undefined,
    /** What the server shows now; undefined if it shows nothing. */
    readonly shown: Checkpoint | undefined,
  ) {
    super(messages[kind]);
  }

  /** Both as JSON, which `clinicd audit verify --since` and `--head` take. */
  get evidence(): { readonly kept: string | undefined; readonly shown: string | undefined } {
    const text = (one: Checkpoint | undefined) => one && checkpointText(one);
    return { kept: text(this.kept), shown: text(this.shown) };
  }
}
