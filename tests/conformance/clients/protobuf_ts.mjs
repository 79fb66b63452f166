// protobuf-ts, gRPC-Web in text and in binary: node protobuf_ts.mjs DESCRIPTORS DEV_JSON
// The authority is in NODE_EXTRA_CA_CERTS, because fetch takes it from nowhere else.
import { CallError, checkFirstEvent, readDevFile, watchDay, workAtDesk } from "../lib/desk.mjs";
import { require } from "../lib/packages.mjs";
import { Schema } from "../lib/schema.mjs";

const { GrpcWebFetchTransport, GrpcStatusCode } = require("@protobuf-ts/grpcweb-transport");

const [descriptors, devFile] = process.argv.slice(2);
const schema = new Schema(descriptors);
const dev = readDevFile(devFile);

// A message type as the transport wants it, on messages in the JSON mapping.
const codec = (message) => ({
  typeName: message.typeName,
  create: (value = {}) => value,
  toBinary: (value) => schema.encode(message, value),
  fromBinary: (bytes) => schema.decode(message, bytes),
});

function methodInfo(service, name, serverStreaming) {
  const { input, output } = schema.methodOf(service, name);
  return {
    service: { typeName: service }, name, localName: name, idempotency: undefined,
    serverStreaming, clientStreaming: false, options: {}, I: codec(input), O: codec(output),
  };
}

function options(transport, token) {
  return transport.mergeOptions({ meta: token ? { authorization: `Bearer ${token}` } : {} });
}

function callError(error) {
  const details = error.meta?.["grpc-status-details-bin"];
  const status = details ? schema.decode(schema.status, Buffer.from(details, "base64")) : {};
  return CallError.of(GrpcStatusCode[error.code], status.details ?? []);
}

const caller = (transport) => async (service, method, request, token) => {
  const info = methodInfo(service, method, false);
  try {
    return await transport.unary(info, request, options(transport, token)).response;
  } catch (error) {
    if (error.name === "RpcError") throw callError(error);
    throw error;
  }
};

async function firstEvent(transport, token) {
  const abort = new AbortController();
  const stream = transport.serverStreaming(
    methodInfo(watchDay.service, watchDay.method, true), watchDay.request,
    { ...options(transport, token), abort: abort.signal });
  // Every part of the call is told of its end.
  stream.status.catch(() => {});
  stream.trailers.catch(() => {});
  for await (const event of stream.responses) {
    abort.abort();
    return event;
  }
  return undefined;
}

for (const format of ["text", "binary"]) {
  const transport = new GrpcWebFetchTransport({ baseUrl: dev.url, format });
  const token = await workAtDesk(caller(transport), dev);
  checkFirstEvent(await firstEvent(transport, token));
}
process.exit(0);
