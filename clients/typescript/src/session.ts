// A signed-in client of a clinicd server.
import type { DescMessage, DescMethodStreaming, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Client,
  type ContextValues,
  createClient,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";

import { ClinicdError } from "./errors.js";
import { SessionService, type TokenPair, type WhoAmIResponse } from "./gen/clinicd/identity/v1/session_service_pb.js";
import { defaultRetryPolicy, repeat, type RetryPolicy, sleep, type Sleep, withRequestId } from "./retry.js";

// Tokens are exchanged this long before they expire, so that none expires on its way.
const refreshMarginMs = 60_000;
// The server takes a lost exchange again for ten seconds.
const exchangeTimeoutMs = 4_000;
const exchangeDeadlineMs = 9_000;

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
    this.retry = { ...defaultRetryPolicy, ...options.retry };
    this.sleep = options.sleep ?? sleep;
    this.now = options.now ?? Date.now;
    this.onTokens = options.onTokens ?? (() => {});
    this.anonymous = createClient(SessionService, base);
    this.transport = new SessionTransport(base, this);
    this.sessions = createClient(SessionService, this.transport);
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
    return new Session(base, tokens, options);
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
    const policy = { ...this.session.retry, ...(timeoutMs ? { deadlineMs: timeoutMs } : {}) };
    for (let refreshed = false; ; refreshed = true) {
      const token = await this.session.accessToken();
      try {
        return await repeat(
          policy,
          (ms) => this.base.unary(method, signal, ms, authorized(header, token), message, contextValues),
          signal,
          this.session.sleep,
        );
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
