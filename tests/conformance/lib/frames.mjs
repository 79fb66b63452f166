// Length-prefixed messages, and base64 as gRPC-Web text has it.

export function frame(payload, flags = 0) {
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

// The whole frames in `bytes`, and how many bytes are left over.
export function unframe(bytes) {
  const frames = [];
  let at = 0;
  while (bytes.length - at >= 5) {
    const length = bytes.readUInt32BE(at + 1);
    if (bytes.length - at - 5 < length) break;
    frames.push({ flags: bytes[at], payload: bytes.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return { frames, rest: bytes.length - at };
}

// A body in text mode is any number of padded pieces, one after the other.
export function decodeText(bytes) {
  const text = bytes.toString("latin1");
  if (!/^[A-Za-z0-9+/=]*$/.test(text)) throw new Error("not base64");
  return Buffer.concat((text.match(/[^=]+={0,2}/g) ?? []).map((piece) => {
    if (piece.length % 4 !== 0) throw new Error("base64 without padding");
    return Buffer.from(piece, "base64");
  }));
}

// What of a body in text mode is whole yet.
export function decodeTextSoFar(bytes) {
  return decodeText(bytes.subarray(0, bytes.length - (bytes.length % 4)));
}
