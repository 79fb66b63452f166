// What a server says of a call that failed.
import { Code, ConnectError } from "@connectrpc/connect";

import {
  BadRequestSchema,
  ErrorInfoSchema,
  RequestInfoSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";

export interface FieldViolation {
  /** Path from the request, as in "appointment.local_start". */
  readonly field: string;
  /** What the field has to be. */
  readonly description: string;
}

/** A call failed. Switch on `reason`, never on the message. */
export class ClinicdError extends Error {
  override readonly name = "ClinicdError";
  readonly code: Code;
  /** Name of a value of clinicd.type.v1.ErrorReason; empty if no clinicd server named one. */
  readonly reason: string;
  /** The dynamic parts; what there is for a reason is said in error_reason.proto. */
  readonly metadata: Readonly<Record<string, string>>;
  /** VALIDATION_FAILED: what is wrong with the request. */
  readonly fields: readonly FieldViolation[];
  /** How long the server asks to wait before the next attempt. */
  readonly retryDelayMs: number | undefined;
  /** Code.Internal: names the call in the server's log. */
  readonly requestId: string;

  constructor(cause: ConnectError) {
    super(cause.rawMessage, { cause });
    this.code = cause.code;
    const info = cause.findDetails(ErrorInfoSchema)[0];
    this.reason = info?.reason ?? "";
    this.metadata = { ...info?.metadata };
    this.fields = cause
      .findDetails(BadRequestSchema)
      .flatMap((request) => request.fieldViolations)
      .map(({ field, description }) => ({ field, description }));
    const delay = cause.findDetails(RetryInfoSchema)[0]?.retryDelay;
    this.retryDelayMs = delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6;
    this.requestId = cause.findDetails(RequestInfoSchema)[0]?.requestId ?? "";
  }

  /** The error as the SDK throws it, whatever was thrown. */
  static from(thrown: unknown): ClinicdError {
    return thrown instanceof ClinicdError ? thrown : new ClinicdError(ConnectError.from(thrown));
  }

  /** Whether the same request may succeed later. */
  get mayPass(): boolean {
    switch (this.code) {
      case Code.Unavailable:
      case Code.ResourceExhausted:
      case Code.DeadlineExceeded:
        return true;
      case Code.Aborted:
        return this.reason !== "ETAG_MISMATCH";
      default:
        return false;
    }
  }

  /** Whether fresh tokens may help where the access token was refused. */
  get wantsRefresh(): boolean {
    return this.reason === "TOKEN_EXPIRED" || this.reason === "SESSION_REVOKED";
  }
}
