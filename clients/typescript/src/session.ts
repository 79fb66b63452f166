// A signed-in client of a clinicd server.
import type { DescMessage, DescMethodStreaming, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel, type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Client,
  type ContextValues,
  createClient,
  decodeBinaryHeader,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";

import { AuditAlarm } from "./audit/alarm.js";
import { AuditLog, type AuditLogOptions } from "./audit/log.js";
import { ClinicdError } from "./errors.js";
import { type Receipt, ReceiptSchema } from "./gen/clinicd/audit/v1/audit_log_service_pb.js";
import { SessionService, type TokenPair, type WhoAmIResponse } from "./gen/clinicd/identity/v1/session_service_pb.js";
import { defaultRetryPolicy, repeat, type RetryPolicy, sleep, type Sleep, withRequestId } from "./retry.js";

// Tokens are exchanged this long before they expire, so that none expires on its way.
const refreshMarginMs = 60_000;
// The server takes a lost exchange again for ten seconds.
const exchangeTimeoutMs = 4_000;
const exchangeDeadlineMs = 9_000;

const auditEveryMs = 600_000;
const wantReceiptKey = "clinicd-audit-receipt";
const receiptKey = "clinicd-audit-receipt-bin";

export interface Credentials {
  readonly clinicSlug: string;
  readonly email: string;
  readonly password: string;
}

/** The tokens of a session. `refreshToken` is good for one exchange. */
export interface Tokens {
  readonly accessToken: string;
  readonly accessExpireMs: number;
  readonly refreshToken: string;
}

export interface SessionOptions {
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
  /** For tests. */
  readonly sleep?: Sleep;
  /** Told of each new pair of tokens, to keep them. */
  readonly onTokens?: (tokens: Tokens) => void;
  /** How the clinic's audit log is watched over. */
  readonly auditLog?: AuditLogOptions;
  /**
   * Has the audit log checked on sign-in, and then beside calls, at most once in `auditLog.everyMs`; told
   * of what is wrong with it. No call waits for that. Must not throw.
   */
  readonly onAuditAlarm?: (alarm: AuditAlarm) => void;
  /**
   * Has every change answered with a receipt of its audit event, and is given each. Keep them for
   * AuditLog.verifyReceipts(). Must not throw.
   */
  readonly auditReceipts?: (receipt: Receipt) => void;
}

function tokensOf(pair: TokenPair | undefined): Tokens {
  return {
    accessToken: pair?.accessToken ?? "",
    accessExpireMs: pair?.accessExpireTime ? timestampMs(pair.accessExpireTime as Timestamp) : 0,
    refreshToken: pair?.refreshToken ?? "",
  };
}

/**
 * Keeps the tokens of one session, refreshes them before they expire, and repeats calls that the
 * server could not take, with the same `request_id`: a change takes effect once.
 */
export class Session {
  /** For createClient(): calls go out with tokens, are repeated, and throw ClinicdError. */
  readonly transport: Transport;
  readonly retry: RetryPolicy;
  /** @internal */
  readonly sleep: Sleep;
  /** The audit log of the session's clinic. */
  readonly auditLog: AuditLog;
  private readonly options: SessionOptions;
  private auditDueMs = 0;
  private auditChecking = false;
  private readonly anonymous: Client<typeof SessionService>;
  private readonly sessions: Client<typeof SessionService>;
  private readonly now: () => number;
  private readonly onTokens: (tokens: Tokens) => void;
  private tokens!: Tokens;
  private refreshAtMs = 0;
  // The exchange under way; everybody waits for the same one.
  private exchange: Promise<void> | undefined;

  /** Goes on with a session that began elsewhere. */
  constructor(base: Transport, tokens: Tokens, options: SessionOptions = {}) {
    this.options = options;
    this.retry = { ...defaultRetryPolicy, ...options.retry };
    this.sleep = options.sleep ?? sleep;
    this.now = options.now ?? Date.now;
    this.onTokens = options.onTokens ?? (() => {});
    this.anonymous = createClient(SessionService, base);
    this.transport = new SessionTransport(base, this);
    this.sessions = createClient(SessionService, this.transport);
    this.auditLog = new AuditLog(this.transport, options.auditLog);
    this.keep(tokens);
  }

  static async signIn(
    base: Transport,
    credentials: Credentials,
    options: SessionOptions = {},
  ): Promise<Session> {
    const sessions = createClient(SessionService, base);
    const answer = await repeat(
      { ...defaultRetryPolicy, ...options.retry },
      (timeoutMs) => sessions.signIn(credentials, { timeoutMs }),
      undefined,
      options.sleep,
    );
    const tokens = tokensOf(answer.tokens);
    options.onTokens?.(tokens);
    const session = new Session(base, tokens, options);
    session.checkAuditLog();
    return session;
  }

  /** The caller, their clinic, and what they may do. */
  whoAmI(): Promise<WhoAmIResponse> {
    return this.sessions.whoAmI({});
  }

  /** Ends the session on the server. */
  async signOut(): Promise<void> {
    await this.sessions.signOut({});
  }

  /** The access token to use now, refreshed if it is about to expire. */
  async accessToken(): Promise<string> {
    if (this.now() >= this.refreshAtMs) await this.refresh(this.tokens.accessToken);
    return this.tokens.accessToken;
  }

  /** Exchanges the tokens, unless that was done since `stale` was the access token. */
  refresh(stale: string): Promise<void> {
    if (this.tokens.accessToken !== stale) return Promise.resolve();
    this.exchange ??= this.exchangeTokens().finally(() => {
      this.exchange = undefined;
    });
    return this.exchange;
  }

  /** Checks the audit log, if that is due, while everything else goes on. @internal */
  checkAuditLog(): void {
    const { onAuditAlarm } = this.options;
    const now = this.now();
    if (!onAuditAlarm || this.auditChecking || now < this.auditDueMs) return;
    this.auditDueMs = now + (this.options.auditLog?.everyMs ?? auditEveryMs);
    this.auditChecking = true;
    void this.auditLog
      .check()
      // A server that cannot be asked now is asked the next time.
      .catch((thrown) => (thrown instanceof AuditAlarm ? onAuditAlarm(thrown) : undefined))
      .finally(() => {
        this.auditChecking = false;
      });
  }

  /** @internal */
  get wantsReceipts(): boolean {
    return this.options.auditReceipts !== undefined;
  }

  /** @internal */
  takeReceipt(trailer: Headers): void {
    const text = trailer.get(receiptKey);
    if (text === null) return;
    let receipt: Receipt | undefined;
    try {
      receipt = decodeBinaryHeader(text, ReceiptSchema);
    } catch {
      // The change has taken effect all the same.
      this.options.onAuditAlarm?.(new AuditAlarm("format", undefined, undefined));
    }
    if (receipt) this.options.auditReceipts?.(receipt);
  }

  private async exchangeTokens(): Promise<void> {
    const policy: RetryPolicy = {
      ...this.retry,
      attemptTimeoutMs: Math.min(this.retry.attemptTimeoutMs, exchangeTimeoutMs),
      deadlineMs: Math.min(this.retry.deadlineMs, exchangeDeadlineMs),
    };
    const { refreshToken } = this.tokens;
    const answer = await repeat(
      policy,
      (timeoutMs) => this.anonymous.refresh({ refreshToken }, { timeoutMs }),
      undefined,
      this.sleep,
    );
    this.keep(tokensOf(answer.tokens));
    this.onTokens(this.tokens);
  }

  private keep(tokens: Tokens): void {
    this.tokens = tokens;
    // At least a minute from now: where this machine's clock is ahead of the server's, every token
    // looks expired. One that is leads to TOKEN_EXPIRED, and so to a refresh as well.
    this.refreshAtMs = Math.max(tokens.accessExpireMs - refreshMarginMs, this.now() + refreshMarginMs);
  }
}

/** Puts tokens and repetition between clients and another transport. */
class SessionTransport implements Transport {
  constructor(
    private readonly base: Transport,
    private readonly session: Session,
  ) {}

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    contextValues?: ContextValues,
  ): Promise<UnaryResponse<I, O>> {
    const message = withRequestId(method.input, input) as MessageInitShape<I>;
    this.session.checkAuditLog();
    const wantsReceipt =
      this.session.wantsReceipts && method.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
    const policy = { ...this.session.retry, ...(timeoutMs ? { deadlineMs: timeoutMs } : {}) };
    for (let refreshed = false; ; refreshed = true) {
      const token = await this.session.accessToken();
      try {
        const headers = authorized(header, token);
        if (wantsReceipt) headers.set(wantReceiptKey, "1");
        const answer = await repeat(
          policy,
          (ms) => this.base.unary(method, signal, ms, headers, message, contextValues),
          signal,
          this.session.sleep,
        );
        if (wantsReceipt) this.session.takeReceipt(answer.trailer);
        return answer;
      } catch (thrown) {
        const error = ClinicdError.from(thrown);
        if (refreshed || !error.wantsRefresh) throw error;
      }
      await this.session.refresh(token);
    }
  }

  // A stream is not repeated here; watch() opens it again where it ended.
  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>,
    contextValues?: ContextValues,
  ): Promise<StreamResponse<I, O>> {
    this.session.checkAuditLog();
    const token = await this.session.accessToken();
    try {
      const response = await this.base.stream(
        method, signal, timeoutMs, authorized(header, token), input, contextValues);
      return { ...response, message: withClinicdErrors(response.message) };
    } catch (thrown) {
      throw ClinicdError.from(thrown);
    }
  }
}

function authorized(header: HeadersInit | undefined, token: string): Headers {
  const headers = new Headers(header);
  headers.set("authorization", `Bearer ${token}`);
  return headers;
}

async function* withClinicdErrors<Message>(messages: AsyncIterable<Message>): AsyncIterable<Message> {
  try {
    yield* messages;
  } catch (thrown) {
    throw ClinicdError.from(thrown);
  }
}
