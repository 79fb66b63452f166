// What browser.mjs calls inside the page.
import { createFileRegistry, fromBinary, fromJson, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

const file = await fetch("api.binpb");
const registry =
  createFileRegistry(fromBinary(FileDescriptorSetSchema, new Uint8Array(await file.arrayBuffer())));

const baseUrl = globalThis.location.origin;
const transports = {
  "grpc-web": createGrpcWebTransport({ baseUrl }),
  "connect": createConnectTransport({ baseUrl }),
};

function prepare(transport, serviceName, methodName, request, token) {
  const service = registry.getService(serviceName);
  const method = service.methods.find(({ name }) => name === methodName);
  const client = createClient(service, transports[transport]);
  return {
    method,
    run: client[method.localName],
    message: fromJson(method.input, request),
    headers: token ? { authorization: `Bearer ${token}` } : {},
  };
}

// A detail comes as bytes, as no registry was given.
function plain(error) {
  const { code, details } = ConnectError.from(error);
  return {
    code,
    details: details.map(({ type, value }) => ({
      type, value: globalThis.btoa(String.fromCharCode(...value)),
    })),
  };
}

globalThis.call = async ({ transport, service, method: name, request, token }) => {
  const { method, run, message, headers } = prepare(transport, service, name, request, token);
  try {
    return { response: toJson(method.output, await run(message, { headers })) };
  } catch (error) {
    return { error: plain(error) };
  }
};

let open = 0;
globalThis.openStreams = () => open;

// Opens streams that stay open; the first message of each.
globalThis.watch = async ({ service, method: name, request, token, streams }) => {
  const first = async () => {
    const { method, run, message, headers } = prepare("grpc-web", service, name, request, token);
    const iterator = run(message, { headers })[Symbol.asyncIterator]();
    const { value } = await iterator.next();
    open++;
    // Read on: what ends it before the page ends is an error.
    (async () => {
      while (!(await iterator.next()).done);
    })().catch(() => {}).finally(() => open--);
    return toJson(method.output, value);
  };
  return Promise.all(Array.from({ length: streams }, first));
};

// How the server was spoken to: one name if always the same way.
globalThis.protocols = () => {
  const calls = performance.getEntriesByType("resource").filter(({ name }) => name.includes(".v1."));
  return [...new Set(calls.map(({ nextHopProtocol }) => nextHopProtocol))].join(" ");
};

globalThis.ready = true;
