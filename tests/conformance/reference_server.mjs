// The conformance service on connectNodeAdapter: what another implementation of the protocols
// answers. Listens on loopback in clear text (HTTP/1.1, and HTTP/2 with prior knowledge) and over
// TLS, on ports of the system's choice.
import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";

import { require } from "./lib/packages.mjs";

const { Code, ConnectError, encodeBinaryHeader } = require("@connectrpc/connect");
const { connectNodeAdapter } = require("@connectrpc/connect-node");

// The largest message that either server reads.
export const maxMessageBytes = 256 * 1024;

// How calls with a key ended, told to whoever waits for it.
class Ends {
  #ends = new Map();

  #entry(key) {
    if (!this.#ends.has(key)) {
      let resolve;
      const promise = new Promise((done) => (resolve = done));
      this.#ends.set(key, { promise, resolve });
    }
    return this.#ends.get(key);
  }

  wait(key) {
    return this.#entry(key).promise;
  }

  tell(key, cancelled) {
    if (key) this.#entry(key).resolve(cancelled);
  }
}

function metadataOf(context) {
  return [...context.requestHeader]
    .filter(([name]) => name.startsWith("x-conformance-"))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => ({
      name,
      value: name.endsWith("-bin") ? Buffer.from(value, "base64") : Buffer.from(value),
    }));
}

function append(headers, metadata) {
  for (const { name, value } of metadata) {
    headers.append(
      name, name.endsWith("-bin") ? encodeBinaryHeader(value) : Buffer.from(value).toString());
  }
}

class Service {
  #schema;
  #ends = new Ends();

  constructor(schema) {
    this.#schema = schema;
  }

  // The service as the router wants it.
  implementation() {
    return {
      answer: (request, context) => this.#answer(request, context, 1),
      answerMany: (request, context) => this.#follow(request, context, 1),
      collect: (requests, context) => this.#collect(requests, context),
      converse: (requests, context) => this.#converse(requests, context),
      awaitEnd: async ({ key }) => ({ cancelled: await this.#ends.wait(key) }),
    };
  }

  #response(request, context, requests) {
    const left = context.timeoutMs();
    return {
      text: request.text,
      payload: new Uint8Array(request.plan?.messageBytes ?? 0),
      receivedBytes: request.payload.length,
      requests,
      metadata: metadataOf(context),
      deadlineSeconds: left === undefined ? 0 : Math.round(left / 1000),
    };
  }

  // Trailers, hold and error of the plan.
  async #finish(plan, context) {
    if (!plan) return;
    if (plan.hold) {
      await new Promise((resolve) => {
        if (context.signal.aborted) resolve();
        context.signal.addEventListener("abort", resolve);
      });
      this.#ends.tell(plan.key, true);
      throw context.signal.reason;
    }
    this.#ends.tell(plan.key, false);
    append(context.responseTrailer, plan.trailers);
    if (plan.code !== 0) {
      const details = plan.reasons.map(
        (reason) => ({ desc: this.#schema.errorInfo, value: { reason, domain: "conformance" } }));
      throw new ConnectError(plan.message, plan.code, undefined, details);
    }
  }

  async #answer(request, context, requests) {
    append(context.responseHeader, request.plan?.headers ?? []);
    await this.#finish(request.plan, context);
    return this.#response(request, context, requests);
  }

  async *#follow(request, context, requests) {
    append(context.responseHeader, request.plan?.headers ?? []);
    for (let sent = 0; sent < (request.plan?.messages ?? 0); sent++) {
      yield this.#response(request, context, requests);
    }
    await this.#finish(request.plan, context);
  }

  async #collect(requests, context) {
    let last;
    let count = 0;
    for await (const request of requests) {
      last = request;
      count++;
    }
    if (!last) throw new ConnectError("nothing to collect", Code.InvalidArgument);
    return this.#answer(last, context, count);
  }

  async *#converse(requests, context) {
    let count = 0;
    for await (const request of requests) {
      yield* this.#follow(request, context, ++count);
    }
  }
}

const ports = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

// `tls`: files of a certificate chain and its key. The ports, and a function that ends it all.
export async function startReferenceServer(schema, tls) {
  const service = new Service(schema);
  const handler = connectNodeAdapter({
    routes: (router) => router.service(schema.service, service.implementation()),
    // clinicd compresses nothing: see the README.
    acceptCompression: [],
    readMaxBytes: maxMessageBytes,
  });
  const http1 = http.createServer(handler);
  const http2clear = http2.createServer(handler);
  const secure = http2.createSecureServer(
    { allowHTTP1: true, cert: readFileSync(tls.chain), key: readFileSync(tls.key) }, handler);
  const servers = [http1, http2clear, secure];
  const securePort = await ports(secure);
  return {
    ports: {
      clear: { h1: await ports(http1), h2: await ports(http2clear) },
      tls: { h1: securePort, h2: securePort },
    },
    stop: () => servers.forEach((server) => server.close()),
  };
}
