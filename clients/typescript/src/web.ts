// How a page in a browser reaches a server: gRPC-Web, or Connect where JSON should be seen.
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

export interface WebTransportOptions {
  /** Where the server is; by default where the page comes from. */
  readonly url?: string;
  /** "connect" for calls that can be read in the browser's tools; it has no streams. */
  readonly protocol?: "grpc-web" | "connect";
}

// Of a lost network, fetch() says TypeError and nothing more, before and amid an answer. Connect takes
// that for an error that nobody knows; it is one that passes.
function named(thrown: unknown): unknown {
  return thrown instanceof TypeError
    ? new ConnectError("The server cannot be reached.", Code.Unavailable, undefined, undefined, thrown)
    : thrown;
}

function naming(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (thrown) {
        controller.error(named(thrown));
      }
    },
    cancel: (reason) => reader.cancel(reason),
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

const reach: typeof globalThis.fetch = async (input, init) => {
  try {
    const answer = await globalThis.fetch(input, init);
    return answer.body === null ? answer : new Response(naming(answer.body), answer);
  } catch (thrown) {
    throw named(thrown);
  }
};

export function createWebTransport(options: WebTransportOptions = {}): Transport {
  const baseUrl = options.url ?? globalThis.location.origin;
  return options.protocol === "connect"
    ? createConnectTransport({ baseUrl, fetch: reach })
    : createGrpcWebTransport({ baseUrl, fetch: reach });
}
