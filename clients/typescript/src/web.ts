// How a page in a browser reaches a server: gRPC-Web, or Connect where JSON should be seen.
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

export interface WebTransportOptions {
  /** Where the server is; by default where the page comes from. */
  readonly url?: string;
  /** "connect" for calls that can be read in the browser's tools; it has no streams. */
  readonly protocol?: "grpc-web" | "connect";
}

export function createWebTransport(options: WebTransportOptions = {}): Transport {
  const baseUrl = options.url ?? globalThis.location.origin;
  return options.protocol === "connect"
    ? createConnectTransport({ baseUrl })
    : createGrpcWebTransport({ baseUrl });
}
