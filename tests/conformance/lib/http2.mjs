// One HTTP/2 exchange, on a connection of its own or on one that is open.
import http2 from "node:http2";

function pairs(raw) {
  const headers = [];
  for (let at = 0; at < raw.length; at += 2) headers.push([raw[at], raw[at + 1]]);
  return headers;
}

export function connectHttp2({ host, port, ca, servername }) {
  const session = ca
    ? http2.connect(`https://${host}:${port}`, { ca, servername })
    : http2.connect(`http://${host}:${port}`);
  session.on("error", () => {});
  return session;
}

function headersOf(target, request) {
  const headers = {
    ":method": request.verb,
    ":path": request.path,
    ":authority": `${target.servername}:${target.port}`,
  };
  for (const [name, value] of request.headers) {
    headers[name] = name in headers ? [headers[name], value].flat() : value;
  }
  return headers;
}

// Sends the next piece of the body whenever `answered` says that the last one has its answer.
function paced(stream, chunks, answered) {
  let sent = 0;
  return (body) => {
    while (sent < chunks.length && answered(body) >= sent) stream.write(chunks[sent++]);
    if (sent === chunks.length && answered(body) >= sent) stream.end();
  };
}

// `target` may have a `session` of connectHttp2; that stays open.
// `until` looks at the body so far after each piece; when it says so, the stream is reset.
// `answered`, if there, counts the messages in it: then each request waits for its answer.
export function exchangeHttp2(
  target, request, { until = () => false, answered, patience = 15000 } = {},
) {
  return new Promise((resolve, reject) => {
    const session = target.session ?? connectHttp2(target);
    const stream = session.request(headersOf(target, request), { endStream: false });
    const result = { status: 0, headers: [], trailers: [], body: Buffer.alloc(0), closed: "silence" };
    const timer = setTimeout(() => finish("silence"), patience);
    const lost = (error) => finish(`lost (${error.code})`);
    let dropped = false;
    let finished = false;
    const finish = (closed) => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      session.off("error", lost);
      if (!target.session) session.destroy();
      if (result.status === 0) return reject(new Error(`${closed}: no answer`));
      resolve({ ...result, closed });
    };
    stream.on("response", (_headers, _flags, raw) => {
      for (const [name, value] of pairs(raw)) {
        if (name === ":status") result.status = Number(value);
        else result.headers.push([name, value]);
      }
    });
    stream.on("trailers", (_headers, _flags, raw) => result.trailers.push(...pairs(raw)));
    const next = answered ? paced(stream, request.chunks, answered) : () => {};
    stream.on("data", (piece) => {
      result.body = Buffer.concat([result.body, piece]);
      next(result.body);
      if (until(result.body) && !dropped) {
        dropped = true;
        stream.close(http2.constants.NGHTTP2_CANCEL);
      }
    });
    stream.on("error", () => {});
    const over = () => {
      if (dropped) return finish("dropped");
      finish(stream.rstCode === 0 ? "end" : `reset ${stream.rstCode}`);
    };
    stream.on("close", over);
    // The answer may be whole while the server still lets the request stand.
    stream.on("end", () => setImmediate(over));
    session.on("error", lost);
    if (answered) return next(result.body);
    for (const chunk of request.chunks) stream.write(chunk);
    stream.end();
  });
}
