// The protocols: how a call is put into an HTTP request, and how an answer is read into a form in
// which two servers can be compared.
import { decodeText, decodeTextSoFar, frame, unframe } from "./frames.mjs";
import { servicePath } from "./schema.mjs";

// Headers that carry meaning; others (date, server, security headers) belong to each server.
const compared = /^((trailer-)?x-conformance-.*|content-type|content-encoding|allow|grpc-encoding)$/;

const contentTypes = {
  "grpc": "application/grpc",
  "grpc-web": "application/grpc-web+proto",
  "grpc-web-text": "application/grpc-web-text+proto",
  "connect-proto": "application/proto",
  "connect-json": "application/json",
};

export const protocols = Object.keys(contentTypes);

const framed = (protocol) => protocol.startsWith("grpc");

export class Protocol {
  constructor(name, schema) {
    this.name = name;
    this.schema = schema;
    this.framed = framed(name);
    this.text = name === "grpc-web-text";
  }

  // The request of a case; `alter` may then do to it what no client would.
  request({ method, requests, timeout, metadata = [] }) {
    const input = this.schema.method(method).input;
    const encoded = requests.map((value) => this.name === "connect-json"
      ? Buffer.from(this.schema.toJsonText(input, value))
      : this.schema.encode(input, value));
    const headers = [["content-type", contentTypes[this.name]]];
    if (this.name === "grpc") headers.push(["te", "trailers"]);
    if (!this.framed) headers.push(["connect-protocol-version", "1"]);
    if (timeout !== undefined) {
      headers.push(this.framed ? ["grpc-timeout", timeout.grpc] : ["connect-timeout-ms", timeout.connect]);
    }
    return {
      verb: "POST",
      path: `/${servicePath}/${method}`,
      headers: [...headers, ...metadata],
      chunks: this.framed ? encoded.map((payload) => frame(payload)) : encoded,
    };
  }

  // The last step before the wire, after `alter`: each chunk becomes one padded piece of base64.
  onWire(request) {
    if (!this.text || request.rawText) return request;
    const chunks = request.chunks.map((chunk) => Buffer.from(chunk.toString("base64")));
    return { ...request, chunks };
  }

  // Whole messages in the body so far.
  messagesIn(body) {
    if (!this.framed) return 0;
    const { frames } = unframe(this.text ? decodeTextSoFar(body) : body);
    return frames.filter(({ flags }) => (flags & 0x80) === 0).length;
  }

  // An answer in comparable form. `planned`: the error's message is the case's, not the server's.
  read(answer, { method, planned }) {
    const result = {
      status: answer.status,
      headers: this.#headers(answer.headers.filter(([name]) => compared.test(name))),
      closed: answer.closed,
    };
    const output = this.schema.method(method).output;
    const type = answer.headers.find(([name]) => name === "content-type")?.[1] ?? "";
    if (this.framed && type.startsWith("application/grpc")) {
      this.#readFrames(answer, output, planned, result);
    } else if (!this.framed && type.startsWith("application/")) {
      this.#readConnect(answer, output, planned, result);
    }
    return result;
  }

  #headers(pairs) {
    const headers = {};
    for (const [name, value] of pairs) {
      const known = name.endsWith("-bin")
        ? value.split(",").map((one) => Buffer.from(one.trim(), "base64").toString("hex"))
        : value.split(",").map((one) => one.trim());
      headers[name] = [...(headers[name] ?? []), ...known];
    }
    return Object.fromEntries(Object.entries(headers).sort());
  }

  #readFrames(answer, output, planned, result) {
    const body = this.text ? decodeText(answer.body) : answer.body;
    const { frames, rest } = unframe(body);
    result.messages = [];
    result.rest = rest;
    const ends = [];
    const inHeaders = answer.headers.filter(([name]) => name.startsWith("grpc-status"));
    if (inHeaders.length > 0) ends.push({ place: "headers", headers: answer.headers });
    for (const { flags, payload } of frames) {
      if (flags & 0x80) {
        ends.push({ place: `frame ${flags}`, headers: this.#trailerFrame(payload) });
        continue;
      }
      // Nothing may follow the end.
      if (ends.length > 0) result.afterEnd = true;
      result.messages.push({ flags, ...this.schema.decode(output, payload) });
    }
    if (answer.trailers.length > 0) ends.push({ place: "trailers", headers: answer.trailers });
    // Native gRPC may put the status of an answer without messages into its headers or its trailers.
    result.ends = ends.map(({ place, headers }) => ({
      place: this.name === "grpc" ? "trailers" : place, ...this.#end(headers, planned),
    }));
  }

  #trailerFrame(payload) {
    return payload.toString("latin1").split("\r\n").filter((line) => line !== "").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
  }

  #end(headers, planned) {
    const all = Object.fromEntries(headers);
    const end = { code: Number(all["grpc-status"]) };
    const message = all["grpc-message"] ?? "";
    // Servers may escape more than they must.
    if (!/^([ -$&-~]|%[0-9A-F]{2})*$/.test(message)) end.illegalMessage = message;
    if (planned) end.message = decodeURIComponent(message);
    const details = all["grpc-status-details-bin"];
    // What a server says of its own errors is its own.
    if (planned && details) {
      end.details = this.schema.decode(this.schema.status, Buffer.from(details, "base64"));
    }
    const metadata = headers.filter(([name]) => name.startsWith("x-conformance-"));
    end.metadata = this.#headers(metadata);
    return end;
  }

  #readConnect(answer, output, planned, result) {
    if (answer.status !== 200) {
      const error = JSON.parse(answer.body.toString());
      result.error = { code: error.code };
      if (planned) {
        result.error.message = error.message ?? "";
        result.error.details = (error.details ?? []).map(({ type, value }) => ({
          type,
          ...this.schema.decode(this.schema.message(type), Buffer.from(value, "base64")),
        }));
      }
      return;
    }
    result.messages = [this.name === "connect-json"
      ? this.schema.decodeJson(output, answer.body.toString())
      : this.schema.decode(output, answer.body)];
  }
}
