// How a Node.js program reaches a server: gRPC over HTTP/2.
import { readFileSync } from "node:fs";

import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

export interface NodeTransportOptions {
  /** "https://host:port". */
  readonly url: string;
  /** PEM file with the authorities to trust instead of those that Node.js knows. */
  readonly caFile?: string;
  /** What the program calls itself. The server keeps it with the session. */
  readonly userAgent?: string;
}

export function createNodeTransport(options: NodeTransportOptions): Transport {
  const userAgent = options.userAgent ?? "clinicd-sdk-typescript/1";
  return createGrpcTransport({
    baseUrl: options.url,
    nodeOptions: options.caFile ? { ca: readFileSync(options.caFile) } : {},
    interceptors: [
      (next) => (request) => {
        request.header.set("user-agent", userAgent);
        return next(request);
      },
    ],
  });
}
