// When, and how often, a call is repeated.
import { clone, create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import { ClinicdError } from "./errors.js";

export interface RetryPolicy {
  /** Of each attempt. */
  readonly attemptTimeoutMs: number;
  /** Of all attempts and the waits between them. A call's own `timeoutMs` takes its place. */
  readonly deadlineMs: number;
  readonly attemptsMax: number;
  /**
   * The wait behind the first attempt; twice as long behind each further one, up to the maximum, and
   * at random between half of it and all of it. A server that asks for a longer wait gets it; one
   * that asks for more than the maximum ends the call.
   */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  attemptTimeoutMs: 20_000,
  deadlineMs: 60_000,
  attemptsMax: 5,
  backoffMs: 100,
  backoffMaxMs: 5_000,
};

/** Waits; ends early, without an error, when the signal is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", finish);
  });

/** A new id for a new intent. A repetition has the id of the first attempt. */
export function newRequestId(): string {
  return crypto.randomUUID();
}

/** The request as a message of its own, with a new `request_id` if it has such a field, empty. */
export function withRequestId<Desc extends DescMessage>(
  schema: Desc,
  request: MessageInitShape<Desc>,
): MessageShape<Desc> {
  const message = clone(schema, create(schema, request));
  const field = schema.fields.find((one) => one.name === "request_id");
  if (field) {
    const values = message as unknown as Record<string, unknown>;
    if (values[field.localName] === "") values[field.localName] = newRequestId();
  }
  return message;
}

/** How long to wait behind the attempt of this number, counted from 1. */
export function waitBehind(policy: RetryPolicy, attempt: number, error?: ClinicdError): number {
  const longest = Math.min(policy.backoffMs * 2 ** Math.min(attempt - 1, 20), policy.backoffMaxMs);
  return Math.max(longest * (0.5 + Math.random() / 2), error?.retryDelayMs ?? 0);
}

/** Calls `attempt` with the time it has, until it succeeds or the policy ends the call. */
export async function repeat<Answer>(
  policy: RetryPolicy,
  attempt: (timeoutMs: number) => Promise<Answer>,
  signal?: AbortSignal,
  wait: Sleep = sleep,
): Promise<Answer> {
  const end = performance.now() + policy.deadlineMs;
  for (let attempts = 1; ; attempts++) {
    let error: ClinicdError;
    try {
      return await attempt(Math.min(policy.attemptTimeoutMs, end - performance.now()));
    } catch (thrown) {
      error = ClinicdError.from(thrown);
    }
    const pause = waitBehind(policy, attempts, error);
    const late = pause > policy.backoffMaxMs || performance.now() + pause >= end;
    if (!error.mayPass || attempts >= policy.attemptsMax || late) throw error;
    await wait(pause, signal);
    if (signal?.aborted) {
      throw ClinicdError.from(new ConnectError("The caller ended the call.", Code.Canceled));
    }
  }
}
