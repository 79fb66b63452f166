// Merkle trees by the recursive definitions of RFC 6962, for tests of what checks proofs.
import { hashLeaf, hashNode } from "../src/audit/merkle.js";

type Hashes = readonly Uint8Array[];

/** The largest power of two below `count`. */
function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

export async function rootOf(leaves: Hashes): Promise<Uint8Array> {
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return hashNode(await rootOf(leaves.slice(0, k)), await rootOf(leaves.slice(k)));
}

/** PATH(index, leaves). */
export async function pathOf(index: number, leaves: Hashes): Promise<Uint8Array[]> {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return index < k
    ? [...(await pathOf(index, leaves.slice(0, k))), await rootOf(leaves.slice(k))]
    : [...(await pathOf(index - k, leaves.slice(k))), await rootOf(leaves.slice(0, k))];
}

/** PROOF(size, leaves). */
export async function consistencyOf(size: number, leaves: Hashes, whole = true): Promise<Uint8Array[]> {
  if (size === leaves.length) return whole ? [] : [await rootOf(leaves)];
  const k = split(leaves.length);
  return size <= k
    ? [...(await consistencyOf(size, leaves.slice(0, k), whole)), await rootOf(leaves.slice(k))]
    : [...(await consistencyOf(size - k, leaves.slice(k), false)), await rootOf(leaves.slice(0, k))];
}

export function leavesOf(count: number, story = "leaf"): Promise<Uint8Array[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) => hashLeaf(new TextEncoder().encode(`${story} ${i}`))));
}
