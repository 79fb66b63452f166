// One HTTP/1.1 exchange, byte by byte: sends exactly what it is given on a connection of its own.
import net from "node:net";
import tls from "node:tls";

function connect({ host, port, ca, servername }) {
  return ca
    ? tls.connect({ host, port, ca, servername, ALPNProtocols: ["http/1.1"] })
    : net.connect({ host, port });
}

// The body as far as it came, and whether it is whole.
function body(headers, bytes, ended) {
  const value = (name) => headers.find(([header]) => header === name)?.[1];
  if (value("transfer-encoding") === undefined) {
    const length = value("content-length");
    if (length === undefined) return { body: bytes, whole: ended };
    return { body: bytes.subarray(0, Number(length)), whole: bytes.length >= Number(length) };
  }
  const parts = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return { body: Buffer.concat(parts), whole: false };
    const size = parseInt(bytes.toString("latin1", at, line), 16);
    if (size === 0) return { body: Buffer.concat(parts), whole: true };
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

function parse(bytes, ended) {
  const head = bytes.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const [first, ...lines] = bytes.toString("latin1", 0, head).split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const status = Number(first.split(" ")[1]);
  return { status, headers, ...body(headers, bytes.subarray(head + 4), ended) };
}

// `until` looks at the answer so far after each piece; when it says so, the connection is dropped.
export function exchangeHttp1(target, request, { until = () => false, patience = 15000 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    let bytes = Buffer.alloc(0);
    const finish = (closed, ended) => {
      clearTimeout(timer);
      socket.destroy();
      const parsed = parse(bytes, ended);
      if (!parsed) return reject(new Error(`${closed}: no answer in "${bytes.toString("latin1")}"`));
      const end = parsed.whole ? "end" : closed;
      resolve({ ...parsed, trailers: [], closed: end });
    };
    const timer = setTimeout(() => finish("silence", false), patience);
    socket.on("error", (error) => finish(`lost (${error.code})`, false));
    socket.on("close", () => finish("lost", true));
    socket.on("data", (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      const parsed = parse(bytes, false);
      if (!parsed) return;
      if (parsed.whole) finish("end", false);
      else if (until(parsed.body)) finish("dropped", false);
    });
    const length = request.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const lines = [
      `${request.verb} ${request.path} HTTP/1.1`,
      `host: ${target.servername}:${target.port}`,
      ...request.headers.map(([name, value]) => `${name}: ${value}`),
      ...(request.chunked ? ["transfer-encoding: chunked"] : [`content-length: ${length}`]),
    ];
    socket.write(lines.join("\r\n") + "\r\n\r\n", "latin1");
    for (const chunk of request.chunks) {
      if (request.chunked) socket.write(`${chunk.length.toString(16)}\r\n`);
      socket.write(chunk);
      if (request.chunked) socket.write("\r\n");
    }
    if (request.chunked) socket.write("0\r\n\r\n");
  });
}
