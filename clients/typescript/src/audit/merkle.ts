// Merkle trees as RFC 6962 section 2.1 has them, and the proofs about them. Everything here may come
// from a liar: any sizes, indexes, roots and proofs get an answer, in a time bounded by the proof.

/** Trees have at most this many leaves. */
export const treeSizeMax = (1n << 63n) - 1n;

const hashSize = 32;

async function sha256(...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

export const hashLeaf = (content: Uint8Array): Promise<Uint8Array> =>
  sha256(Uint8Array.of(0), content);

export const hashNode = (left: Uint8Array, right: Uint8Array): Promise<Uint8Array> =>
  sha256(Uint8Array.of(1), left, right);

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

const areHashes = (hashes: readonly Uint8Array[]) => hashes.every((hash) => hash.length === hashSize);

/** Whether the leaf is where it is said to be in the tree of `size` leaves. */
export async function inclusionHolds(
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Promise<boolean> {
  if (index < 0n || index >= size || size > treeSizeMax || !areHashes([leaf, root, ...proof])) return false;
  let computed = leaf;
  let at = index;
  let last = size - 1n;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (at % 2n === 1n) {
      computed = await hashNode(sibling, computed);
    } else if (at < last) {
      computed = await hashNode(computed, sibling);
    } else {
      // A right edge without sibling: up to where it has one.
      while (at % 2n === 0n) {
        at >>= 1n;
        last >>= 1n;
      }
      computed = await hashNode(sibling, computed);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && sameBytes(computed, root);
}

/**
 * Whether the tree of `newSize` leaves begins with that of `oldSize`. False for an empty old tree,
 * about which there is nothing to prove. Equal sizes need equal roots and no proof.
 */
export async function consistencyHolds(
  oldSize: bigint,
  oldRoot: Uint8Array,
  newSize: bigint,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): Promise<boolean> {
  if (oldSize <= 0n || oldSize > newSize || newSize > treeSizeMax) return false;
  if (oldSize === newSize) return proof.length === 0 && sameBytes(oldRoot, newRoot);
  if (!areHashes([oldRoot, newRoot, ...proof])) return false;
  let oldLast = oldSize - 1n;
  let newLast = newSize - 1n;
  // Up to the largest subtree that the old tree ends with.
  while (oldLast % 2n === 1n) {
    oldLast >>= 1n;
    newLast >>= 1n;
  }
  // A proof about a perfect old tree leaves that tree out.
  const [first, ...rest] = oldLast === 0n ? [oldRoot, ...proof] : proof;
  if (!first) return false;
  let oldComputed = first;
  let newComputed = first;
  for (const sibling of rest) {
    if (newLast === 0n) return false;
    if (oldLast % 2n === 1n || oldLast === newLast) {
      oldComputed = await hashNode(sibling, oldComputed);
      newComputed = await hashNode(sibling, newComputed);
      while (oldLast !== 0n && oldLast % 2n === 0n) {
        oldLast >>= 1n;
        newLast >>= 1n;
      }
    } else {
      newComputed = await hashNode(newComputed, sibling);
    }
    oldLast >>= 1n;
    newLast >>= 1n;
  }
  return newLast === 0n && sameBytes(oldComputed, oldRoot) && sameBytes(newComputed, newRoot);
}
