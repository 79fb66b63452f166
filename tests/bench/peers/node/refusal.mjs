// Errors as the API sends them: a gRPC code, and google.rpc.ErrorInfo with the reason.
import { Metadata, status } from "@grpc/grpc-js";

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

function field(number, value) {
  const content = Buffer.from(value);
  if (content.length > 127) {
    throw new Error("a field of an error is longer than one byte of length says");
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}

// google.rpc.Status {code, message, details: [Any {ErrorInfo {reason, domain}}]}.
function detailsOf(code, reason) {
  const info = Buffer.concat([field(1, reason), field(2, "clinicd")]);
  const any = Buffer.concat([field(1, ERROR_INFO), field(2, info)]);
  return Buffer.concat([Buffer.from([0x08, code]), field(3, any)]);
}

/** Ends a call with a code and a reason. */
export class Refusal extends Error {
  constructor(code, reason) {
    super(reason);
    this.code = code;
    this.reason = reason;
    this.details = reason;
    this.metadata = new Metadata();
    this.metadata.set("grpc-status-details-bin", detailsOf(code, reason));
  }
}

export const notFound = (reason) => new Refusal(status.NOT_FOUND, reason);
export const failedPrecondition = (reason) => new Refusal(status.FAILED_PRECONDITION, reason);
export const invalidArgument = (reason) => new Refusal(status.INVALID_ARGUMENT, reason);
export const unauthenticated = (reason) => new Refusal(status.UNAUTHENTICATED, reason);
export const unimplemented = (reason) => new Refusal(status.UNIMPLEMENTED, reason);
