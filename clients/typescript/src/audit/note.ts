// Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), read strictly: what is taken has one
// form. `undefined` says that it is none.
import { treeSizeMax } from "./merkle.js";

const noteBytesMax = 128 * 1024;
const signaturesMax = 64;
const signatureStart = "\u2014 ";
// Of a key that signs its own note; a witness's is another.
const kindEd25519 = 1;

export interface NoteSignature {
  readonly name: string;
  /** As 8 hexadecimal digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** What a log states of itself. */
export interface TreeHead {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

/** A key of a log. */
export interface NoteKey {
  readonly name: string;
  readonly keyId: string;
  readonly publicKey: Uint8Array;
}

/** The bytes of canonical base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined;
  const binary = atob(text);
  return btoa(binary) === text ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : undefined;
}

const toHex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whether a key may have this name: no spaces, control characters and plus signs. */
function isKeyName(name: string): boolean {
  const isShort = new TextEncoder().encode(name).length <= 255;
  return name !== "" && isShort && !/[\u0000-\u0020\u007f+\u0085]|\s/.test(name);
}

function parseSignature(line: string): NoteSignature | undefined {
  if (!line.startsWith(signatureStart)) return undefined;
  const [name, base64, ...more] = line.slice(signatureStart.length).split(" ");
  const blob = base64 === undefined || more.length > 0 ? undefined : fromBase64(base64);
  if (!name || !isKeyName(name) || !blob || blob.length <= 4) return undefined;
  return { name, keyId: toHex(blob.subarray(0, 4)), signature: blob.subarray(4) };
}

export function parseNote(note: string): Note | undefined {
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0 || !note.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f]/.test(note)) return undefined;
  if (new TextEncoder().encode(note).length > noteBytesMax) return undefined;
  const lines = note.slice(blank + 2).split("\n").slice(0, -1);
  const signatures = lines.map(parseSignature);
  if (lines.length === 0 || lines.length > signaturesMax) return undefined;
  return signatures.some((one) => one === undefined)
    ? undefined
    : { text: note.slice(0, blank + 1), signatures: signatures as NoteSignature[] };
}

export function parseTreeHead(text: string): TreeHead | undefined {
  const [origin, size, root, end, ...more] = text.split("\n");
  if (!origin || !size || !root || end !== "" || more.length > 0 || !isKeyName(origin)) return undefined;
  const bytes = fromBase64(root);
  const isSize = /^(0|[1-9][0-9]{0,18})$/.test(size) && BigInt(size) <= treeSizeMax;
  if (!isSize || bytes?.length !== 32) return undefined;
  return { origin, size: BigInt(size), root: bytes };
}

/** The log that an origin is of: a log goes on as "name#1" where it had to begin anew. */
export function logOf(origin: string): string {
  return origin.replace(/#[1-9][0-9]{0,5}$/, "");
}

/** Reads "name+id+base64"; throws where that is no key of a log. */
export async function parseNoteKey(text: string): Promise<NoteKey> {
  const [, name, keyId, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const key = base64 === undefined ? undefined : fromBase64(base64);
  if (!name || !keyId || key?.length !== 33 || key[0] !== kindEd25519 || !isKeyName(name)) {
    throw new TypeError(`"${text}" is no key of a log; one is written name+id+base64.`);
  }
  const start = new TextEncoder().encode(`${name}\n`);
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.of(...start, ...key));
  if (toHex(new Uint8Array(digest, 0, 4)) !== keyId) {
    throw new TypeError(`"${text}" has the id of another key.`);
  }
  return { name, keyId, publicKey: key.subarray(1) };
}

async function webCryptoKey(publicKey: Uint8Array): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return undefined;
  }
}

/** Whether the key signed the note's text; `signature` is one that names the key. */
export async function signatureHolds(
  key: NoteKey,
  text: string,
  signature: Uint8Array,
): Promise<boolean> {
  const message = new TextEncoder().encode(text);
  const webKey = await webCryptoKey(key.publicKey);
  if (webKey) return crypto.subtle.verify({ name: "Ed25519" }, webKey, signature, message);
  // Browsers older than 2025 have no Ed25519 of their own.
  const { verifyAsync } = await import("@noble/ed25519");
  return signature.length === 64 &&
    verifyAsync(signature, message, key.publicKey, { zip215: false }).catch(() => false);
}
