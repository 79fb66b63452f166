// The cases: what is sent, and through which protocols. What comes back is not said here: the
// reference server says it. Topics are those of the suite that the Connect project keeps for its own
// implementations; table and requests are ours.
import { frame } from "./lib/frames.mjs";
import { maxMessageBytes } from "./reference_server.mjs";

const framed = ["grpc", "grpc-web", "grpc-web-text"];
const web = ["grpc-web", "grpc-web-text"];
const connect = ["connect-proto", "connect-json"];
const all = [...framed, ...connect];

const codes = {
  CANCELLED: 1, UNKNOWN: 2, INVALID_ARGUMENT: 3, DEADLINE_EXCEEDED: 4, NOT_FOUND: 5,
  ALREADY_EXISTS: 6, PERMISSION_DENIED: 7, RESOURCE_EXHAUSTED: 8, FAILED_PRECONDITION: 9,
  ABORTED: 10, OUT_OF_RANGE: 11, UNIMPLEMENTED: 12, INTERNAL: 13, UNAVAILABLE: 14, DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
};

const base64 = (text) => Buffer.from(text).toString("base64");
const metadatum = (name, value) => ({ name, value: base64(value) });

const unary = (plan, rest = {}) => ({ method: "Answer", requests: [{ plan, text: "one" }], ...rest });
const stream = (plan, rest = {}) =>
  ({ method: "AnswerMany", requests: [{ plan, text: "many" }], protocols: framed, ...rest });

// A request altered on its way. `alter` gets the request and may change or replace it.
const altered = (call, alter, protocols = all) => ({ ...call, alter, protocols });

function withHeader(name, value) {
  return (request) => {
    const others = request.headers.filter(([header]) => header !== name);
    return { ...request, headers: value === undefined ? others : [...others, [name, value]] };
  };
}

const withPath = (change) => (request) => ({ ...request, path: change(request.path) });
const withVerb = (verb) => (request) => ({ ...request, verb });
const withBody = (...chunks) => (request) => ({ ...request, chunks });
const withType = (change) => (request) =>
  withHeader("content-type", change(request.headers.find(([name]) => name === "content-type")[1]))(
    request);

// A request whose encoding has exactly `bytes`: tag and length of the payload take four.
const requestOf = (bytes) => ({ payload: Buffer.alloc(bytes - 4).toString("base64") });

// A call that its client gives up after two messages; what the server's end saw is asked for later.
const abandoned = (key) => ({
  ...stream({ messages: 2, hold: true, key }), abandonAfter: 2, awaitEnd: key,
});

export function cases(round) {
  const table = new Map();
  const add = (name, entry) => {
    if (table.has(name)) throw new Error(`two cases named '${name}'`);
    table.set(name, { protocols: all, ...entry });
  };
  // Names of calls, different for each exchange.
  const key = (name) => `${round}/${name}`;

  for (const [name, code] of Object.entries(codes)) {
    add(`unary ends with ${name}`, unary({ code, message: `planned ${name}` }, { planned: true }));
    add(`stream ends with ${name} after two messages`,
      stream({ messages: 2, code, message: `planned ${name}` }, { planned: true }));
  }

  add("unary succeeds", unary({}));
  add("unary with an empty request", { method: "Answer", requests: [{}] });
  add("unary with a large answer", unary({ messageBytes: 200000 }));
  add("stream without messages", stream({}));
  add("stream of three", stream({ messages: 3 }));
  add("stream of fifty", stream({ messages: 50, messageBytes: 1000 }));
  add("stream fails at once", stream({ code: 9, message: "before any message" }, { planned: true }));
  add("collect three", {
    method: "Collect", requests: [{ text: "a" }, { text: "b" }, { text: "c" }], protocols: framed,
  });
  add("collect none", { method: "Collect", requests: [], protocols: framed });
  add("collect fails", {
    method: "Collect", requests: [{}, { plan: { code: 10, message: "no" } }], planned: true,
    protocols: framed,
  });
  add("converse, all requests first", {
    method: "Converse",
    requests: [{ plan: { messages: 1 }, text: "a" }, { plan: { messages: 2 }, text: "b" }],
    protocols: framed,
  });
  add("converse, each request after the last answer", {
    method: "Converse",
    requests: ["a", "b", "c"].map((text) => ({ plan: { messages: 1 }, text })),
    protocols: framed, versions: ["h2"], paced: true,
  });
  add("converse without requests", { method: "Converse", requests: [], protocols: framed });
  add("converse fails at the second request", {
    method: "Converse",
    requests: [{ plan: { messages: 1 } }, { plan: { messages: 1, code: 6, message: "enough" } }],
    planned: true, protocols: framed,
  });

  // Text of errors.
  add("error message in many scripts",
    unary({ code: 3, message: "наличие 100 % — 診察予約 🦷" }, { planned: true }));
  add("error message of two lines", unary({ code: 3, message: "one\r\ntwo\tthree" }, { planned: true }));
  add("error message with percent signs", unary({ code: 3, message: "%41 % %%" }, { planned: true }));
  add("error without message", unary({ code: 3 }, { planned: true }));
  add("error message of a kilobyte", unary({ code: 3, message: "long ".repeat(200) }, { planned: true }));
  add("error with a detail",
    unary({ code: 9, message: "see details", reasons: ["SLOT_TAKEN"] }, { planned: true }));
  add("error with three details",
    unary({ code: 9, message: "see details", reasons: ["A", "B", "C"] }, { planned: true }));
  add("stream error with a detail",
    stream({ messages: 1, code: 9, message: "деталь", reasons: ["SLOT_TAKEN"] }, { planned: true }));

  // Metadata, both ways.
  add("request metadata", unary({}, { metadata: [["x-conformance-one", "a value"]] }));
  add("request metadata twice",
    unary({}, { metadata: [["x-conformance-one", "first"], ["x-conformance-one", "second"]] }));
  add("binary request metadata with padding", unary({}, { metadata: [["x-conformance-a-bin", "AP8="]] }));
  add("binary request metadata without padding",
    unary({}, { metadata: [["x-conformance-a-bin", "AP8"]] }));
  const leading = [metadatum("x-conformance-lead", "one"), metadatum("x-conformance-lead-bin", "\x00\x7f")];
  const trailing = [metadatum("x-conformance-trail", "two"), metadatum("x-conformance-trail-bin", "\x01")];
  const twice = [metadatum("x-conformance-twice", "first"), metadatum("x-conformance-twice", "second")];
  add("headers of the answer", unary({ headers: leading }));
  add("trailers of the answer", unary({ trailers: trailing }));
  add("trailers of an error", unary({ code: 5, message: "none", trailers: trailing }, { planned: true }));
  add("a trailer twice", unary({ trailers: twice }));
  add("a header twice", unary({ headers: twice }));
  add("headers and trailers of a stream", stream({ messages: 2, headers: leading, trailers: trailing }));

  // Deadlines.
  const soon = { grpc: "100m", connect: "100" };
  add("unary past its deadline", unary({ hold: true }, { timeout: soon }));
  add("stream past its deadline", stream({ hold: true }, { timeout: soon }));
  add("stream past its deadline after two messages", stream({ messages: 2, hold: true }, { timeout: soon }));
  add("deadline in seconds", unary({}, { timeout: { grpc: "7S", connect: "7000" } }));
  add("deadline in milliseconds", unary({}, { timeout: { grpc: "7000m", connect: "7000" } }));
  add("deadline in microseconds",
    unary({}, { timeout: { grpc: "7000000u" }, protocols: framed }));
  add("deadline of eight digits",
    stream({ messages: 1 }, { timeout: { grpc: "00000009S", connect: "9" } }));
  for (const bad of ["", "7", "S", "7s", "-7S", "7.5S", "123456789S", "7 S"]) {
    add(`malformed deadline '${bad}'`,
      unary({}, { timeout: { grpc: bad, connect: bad === "7" ? "7ms" : bad } }));
  }

  // Cancellation.
  add("client gives up a stream", abandoned(key("abandoned")));
  add("the deadline ends a call for its handler", {
    ...stream({ messages: 1, hold: true, key: key("late") }), timeout: soon, awaitEnd: key("late"),
  });

  addMalformed(add);
  addSizes(add);
  addHttp(add);
  addConnect(add);
  return table;
}

// Bodies that no client would send.
function addMalformed(add) {
  const plain = unary({});
  for (const [kind, call] of [["unary", plain], ["stream", stream({ messages: 1 })]]) {
    add(`${kind} without a request`, altered(call, withBody(), framed));
    add(`${kind} with two requests`, altered(call, (request) =>
      ({ ...request, chunks: [...request.chunks, ...request.chunks] }), framed));
  }
  add("two requests of which the second is not whole", altered(plain, (request) =>
    ({ ...request, chunks: [...request.chunks, Buffer.from([0, 0, 0])] }), framed));
  add("body ends in the length", altered(plain, withBody(Buffer.from([0, 0, 0])), framed));
  add("body ends in the message", altered(plain, withBody(Buffer.from([0, 0, 0, 0, 9, 1, 2])), framed));
  add("body that is not framed", altered(plain, withBody(Buffer.from("hello, world")), framed));
  add("request that is not protobuf",
    altered(plain, withBody(frame(Buffer.from([0xff, 0xff, 0xff]))), framed));
  add("stream request that is not protobuf",
    altered(stream({ messages: 1 }), withBody(frame(Buffer.from([0xff, 0xff, 0xff]))), framed));
  add("collect a request that is not protobuf", altered(
    { method: "Collect", requests: [] }, withBody(frame(Buffer.from([0xff, 0xff]))), framed));
  add("compressed flag without an encoding",
    altered(plain, (request) => ({ ...request, chunks: [frame(Buffer.from([10, 0]), 1)] }), framed));
  add("unknown encoding", altered(plain, withHeader("grpc-encoding", "zopfli"), framed));
  add("gzip encoding", altered(plain, withHeader("grpc-encoding", "gzip"), framed));
  add("identity encoding", altered(plain, withHeader("grpc-encoding", "identity"), framed));
  add("body in pieces of one byte", altered(plain, (request) => ({
    ...request, rawText: false,
    chunks: [...Buffer.concat(request.chunks)].map((byte) => Buffer.from([byte])),
  })));
  add("body of unknown length", { ...altered(plain, (request) => ({ ...request, chunked: true })), versions: ["h1"] });
  // In text mode each chunk is padded: two pieces of base64 with '=' between them, in one body.
  add("message cut at odd places", altered(plain, (request) => {
    const bytes = Buffer.concat(request.chunks);
    return { ...request, chunks: [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6)] };
  }, web));
}

function addSizes(add) {
  const limit = maxMessageBytes;
  add("request of the largest size",
    { method: "Answer", requests: [requestOf(limit)], protocols: [...framed, "connect-proto"] });
  add("request one byte too large",
    { method: "Answer", requests: [requestOf(limit + 1)], protocols: [...framed, "connect-proto"] });
  add("second of several requests too large", {
    method: "Collect", requests: [requestOf(100), requestOf(limit + 1)], protocols: framed,
  });
  add("length of four gigabytes", altered(
    unary({}), withBody(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])), framed));
}

function addHttp(add) {
  const plain = unary({});
  for (const verb of ["GET", "PUT", "DELETE", "OPTIONS"]) {
    add(`verb ${verb}`, altered(plain, withVerb(verb), framed));
  }
  for (const verb of ["PUT", "DELETE"]) {
    add(`verb ${verb} in Connect`, altered(plain, withVerb(verb), connect));
  }
  add("method that nobody implements", { method: "Absent", requests: [{}] });
  add("unknown method", altered(plain, withPath((path) => `${path}r`)));
  add("unknown service", altered(plain, withPath(() => "/clinicd.conformance.v1.Nothing/Answer")));
  add("path with a slash at its end", altered(plain, withPath((path) => `${path}/`)));
  add("path with two slashes", altered(plain, withPath((path) => path.replace("/A", "//A"))));
  add("path in lower case", altered(plain, withPath((path) => path.toLowerCase())));
  add("path with an escape", altered(plain, withPath((path) => path.replace("Answer", "%41nswer"))));
  add("path with a query", altered(plain, withPath((path) => `${path}?a=b`)));
  add("content type with a parameter", altered(plain, withType((type) => `${type}; charset=utf-8`)));
  add("content type in upper case", altered(plain, withType((type) => type.toUpperCase())));
  add("content type without +proto",
    altered(plain, withType((type) => type.replace("+proto", "")), framed));
  add("content type with +proto",
    altered(plain, withType((type) => type.replace(/(\+proto)?$/, "+proto")), framed));
  add("unknown codec", altered(plain, withType((type) => type.replace(/(\+proto)?$/, "+foo")), framed));
  add("no content type", altered(plain, withHeader("content-type", undefined)));
  add("content type of a form", altered(plain, withType(() => "application/x-www-form-urlencoded")));
  add("content type of text", altered(plain, withType(() => "text/plain")));
}

function addConnect(add) {
  const plain = unary({});
  const json = ["connect-json"];
  add("no Connect version", altered(plain, withHeader("connect-protocol-version", undefined), connect));
  add("unknown Connect version", altered(plain, withHeader("connect-protocol-version", "7"), connect));
  add("compressed body", altered(plain, withHeader("content-encoding", "gzip"), connect));
  add("identity body", altered(plain, withHeader("content-encoding", "identity"), connect));
  add("body in an unknown encoding", altered(plain, withHeader("content-encoding", "zopfli"), connect));
  add("empty body", altered(plain, withBody(), connect));
  add("body that does not parse", altered(plain, withBody(Buffer.from([0xff, 0xfe, 0x7b])), connect));
  add("JSON that is an array", altered(plain, withBody(Buffer.from("[]")), json));
  add("JSON cut short", altered(plain, withBody(Buffer.from('{"text":"o')), json));
  add("JSON with snake case", altered(
    plain, withBody(Buffer.from('{"plan":{"message_bytes":3},"text":"x"}')), json));
  add("JSON with a number as text", altered(
    plain, withBody(Buffer.from('{"plan":{"messageBytes":"3"}}')), json));
  add("JSON of the wrong type", altered(plain, withBody(Buffer.from('{"text":7}')), json));
  add("JSON with an unknown field", altered(plain, withBody(Buffer.from('{"colour":"red"}')), json));
  add("JSON in many scripts", altered(plain, withBody(Buffer.from('{"text":"診察 🦷 \\u00e9"}')), json));
  add("a stream called as unary Connect", altered(
    { method: "AnswerMany", requests: [{}] }, (request) => request, connect));
}
