// Streams that go on where they ended.
import { Code, ConnectError } from "@connectrpc/connect";

import { ClinicdError } from "./errors.js";
import { waitBehind } from "./retry.js";
import type { Session } from "./session.js";

export interface WatchOptions {
  /**
   * A stream that says nothing for so long, not even a heartbeat, is given up and opened again.
   * Default 45 s.
   */
  readonly silenceMaxMs?: number;
  /** Streams that may fail one behind the other without an event; 0, the default: any number. */
  readonly failuresMax?: number;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
  /** Told why a stream ended (undefined: in good order) before the next is opened. */
  readonly onDisconnect?: (error: ClinicdError | undefined) => void;
}

interface Event {
  readonly resumeToken: string;
}

/** The events of one stream, until it ends or says nothing for too long. */
async function* untilSilent<E>(
  open: (signal: AbortSignal) => AsyncIterable<E>,
  silenceMaxMs: number,
  outer: AbortSignal | undefined,
): AsyncGenerator<E, void, undefined> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  outer?.addEventListener("abort", abort);
  if (outer?.aborted) abort();
  const events = open(controller.signal)[Symbol.asyncIterator]();
  let silent = false;
  try {
    for (;;) {
      const timer = setTimeout(() => {
        silent = true;
        abort();
      }, silenceMaxMs);
      const next = await events.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } catch (thrown) {
    if (!silent) throw thrown;
    throw new ConnectError("The server has said nothing for too long.", Code.Unavailable);
  } finally {
    outer?.removeEventListener("abort", abort);
    abort();
  }
}

/** What a watch knows across its streams. */
class Watch {
  private failures = 0;
  private refreshed = false;

  constructor(
    private readonly session: Session,
    private readonly options: WatchOptions,
  ) {}

  hadEvent(): void {
    this.failures = 0;
    this.refreshed = false;
  }

  /** Returns the resume token to open the next stream with, as soon as it may be; or throws. */
  async recover(token: string, resumeToken: string, ended: ClinicdError | undefined): Promise<string> {
    let error = ended;
    if (error?.wantsRefresh && !this.refreshed) {
      error = await this.session.refresh(token).then(() => undefined, ClinicdError.from);
      this.refreshed = error === undefined;
      if (this.refreshed) return resumeToken;
    }
    if (error?.reason === "RESUME_TOKEN_INVALID" && resumeToken !== "") return "";
    if (error && !error.mayPass) throw error;
    this.failures++;
    const { failuresMax = 0, signal } = this.options;
    if (failuresMax > 0 && this.failures > failuresMax) {
      throw error ?? ClinicdError.from(
        new ConnectError("The server ends every stream at once.", Code.Unavailable));
    }
    if (this.failures > 1) {
      const { retry } = this.session;
      const wait = Math.min(waitBehind(retry, this.failures - 1, error), retry.backoffMaxMs);
      await this.session.sleep(wait, signal);
    }
    return resumeToken;
  }
}

/**
 * The events of a stream, until the caller stops, the signal is aborted, or the server refuses for
 * good:
 *
 *   watch(session, (resumeToken, signal) => client.watchDay({ date, resumeToken }, { signal }))
 *
 * A stream that breaks, ends, or falls silent is opened again with the latest `resume_token`: at once
 * the first time, then with the waits of the session's retry policy. An event may come twice. The
 * token is taken when the caller asks for the next event.
 */
export async function* watch<E extends Event>(
  session: Session,
  open: (resumeToken: string, signal: AbortSignal) => AsyncIterable<E>,
  options: WatchOptions = {},
): AsyncGenerator<E, void, undefined> {
  const state = new Watch(session, options);
  let resumeToken = "";
  while (!options.signal?.aborted) {
    let error: ClinicdError | undefined;
    let token = "";
    try {
      token = await session.accessToken();
      const stream = untilSilent(
        (signal) => open(resumeToken, signal), options.silenceMaxMs ?? 45_000, options.signal);
      for await (const event of stream) {
        state.hadEvent();
        yield event;
        if (event.resumeToken !== "") resumeToken = event.resumeToken;
      }
    } catch (thrown) {
      error = ClinicdError.from(thrown);
    }
    if (options.signal?.aborted) return;
    options.onDisconnect?.(error);
    resumeToken = await state.recover(token, resumeToken, error);
  }
}
