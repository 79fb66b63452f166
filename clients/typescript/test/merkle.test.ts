import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { consistencyHolds, hashLeaf, inclusionHolds, sameBytes } from "../src/audit/merkle.js";
import { consistencyOf, leavesOf, pathOf, rootOf } from "./tree.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const unhex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

test("hashes and roots are those of RFC 6962", async () => {
  const leaves = await Promise.all(
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
      .map((content) => hashLeaf(unhex(content))));

  assert.equal(hex(leaves[0]!), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  assert.equal(hex(await rootOf(leaves)), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
});

test("every leaf of every small tree is proven, and nowhere else", async () => {
  for (let size = 1; size <= 20; size++) {
    const leaves = await leavesOf(size);
    const root = await rootOf(leaves);
    for (let index = 0; index < size; index++) {
      const path = await pathOf(index, leaves);
      for (let claimed = 0; claimed <= size; claimed++) {
        const holds = await inclusionHolds(BigInt(claimed), BigInt(size), leaves[index]!, path, root);
        assert.equal(holds, claimed === index);
      }
    }
  }
});

test("every small tree continues its beginnings, and nothing else", async () => {
  for (let size = 1; size <= 20; size++) {
    const leaves = await leavesOf(size);
    const root = await rootOf(leaves);
    const other = await rootOf(await leavesOf(size, "other"));
    for (let old = 1; old <= size; old++) {
      const oldRoot = await rootOf(leaves.slice(0, old));
      const proof = await consistencyOf(old, leaves);
      const holds = (from: number, fromRoot: Uint8Array, to: number, toRoot: Uint8Array, by = proof) =>
        consistencyHolds(BigInt(from), fromRoot, BigInt(to), toRoot, by);
      assert.ok(await holds(old, oldRoot, size, root));
      assert.ok(!(await holds(old, other, size, root)));
      assert.ok(!(await holds(old, oldRoot, size, other)));
      assert.ok(!(await holds(old, oldRoot, size, root, [...proof, root])));
      assert.ok(!(await holds(0, oldRoot, size, root)));
      assert.ok(!(await holds(-1, oldRoot, size, root)));
      if (old === size) continue;
      assert.ok(!(await holds(old, root, size, oldRoot)));
      assert.ok(!(await holds(size, root, old, oldRoot)));
      assert.ok(!(await holds(old, oldRoot, size, root, [])));
      assert.ok(!(await holds(old, oldRoot, size, root, proof.slice(1))));
    }
  }
});

test("a bit that is changed anywhere in a proof is noticed", async () => {
  const leaves = await leavesOf(13);
  const root = await rootOf(leaves);
  const path = await pathOf(6, leaves);
  const proof = await consistencyOf(6, leaves);
  const oldRoot = await rootOf(leaves.slice(0, 6));
  const bent = (hashes: Uint8Array[], at: number) =>
    hashes.map((hash, i) => (i === at >> 8 ? hash.map((b, j) => (j === (at >> 3) % 32 ? b ^ (1 << at % 8) : b)) : hash));
  for (let bit = 0; bit < path.length * 256; bit++) {
    assert.ok(!(await inclusionHolds(6n, 13n, leaves[6]!, bent(path, bit), root)));
  }
  for (let bit = 0; bit < proof.length * 256; bit++) {
    assert.ok(!(await consistencyHolds(6n, oldRoot, 13n, root, bent(proof, bit))));
  }
});

test("sizes beyond every log and hashes of another length prove nothing", async () => {
  const [leaf] = await leavesOf(1);
  assert.ok(await inclusionHolds(0n, 1n, leaf!, [], leaf!));
  assert.ok(!(await inclusionHolds(0n, 1n << 63n, leaf!, Array(63).fill(leaf), leaf!)));
  assert.ok(!(await inclusionHolds(0n, 1n, leaf!.slice(1), [], leaf!.slice(1))));
  assert.ok(!(await consistencyHolds(1n, leaf!.slice(1), 2n, leaf!, [leaf!])));
  assert.ok(!sameBytes(leaf!, leaf!.slice(1)));
});

interface ProofFile {
  leafIdx: string;
  treeSize: string;
  leafHash: string | null;
  root: string | null;
  size1: string;
  size2: string;
  root1: string | null;
  root2: string | null;
  proof: string[] | null;
  wantErr: boolean;
}

const directory = process.env["CLINICD_MERKLE_PROOFS"] ?? "";
const skip = existsSync(directory) ? false : "CLINICD_MERKLE_PROOFS names no directory of proofs";

function filesOf(kind: string): ProofFile[] {
  return readdirSync(join(directory, kind), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .map((name) => readFileSync(join(directory, kind, name), "utf8"))
    // Sizes go up to 2^64, which numbers of JavaScript cannot tell apart.
    .map((text) => JSON.parse(text.replace(/: (\d+)/g, ': "$1"')) as ProofFile);
}

const bytes = (base64: string | null) => new Uint8Array(Buffer.from(base64 ?? "", "base64"));

for (const kind of ["inclusion", "consistency"] as const) {
  test(`another maker's proofs of ${kind} are told good from bad`, { skip }, async () => {
    const files = filesOf(kind);
    let good = 0;
    for (const file of files) {
      const proof = (file.proof ?? []).map(bytes);
      const holds = kind === "inclusion"
        ? await inclusionHolds(
            BigInt(file.leafIdx), BigInt(file.treeSize), bytes(file.leafHash), proof, bytes(file.root))
        : await consistencyHolds(
            BigInt(file.size1), bytes(file.root1), BigInt(file.size2), bytes(file.root2), proof);
      assert.equal(holds, !file.wantErr, JSON.stringify(file));
      good += holds ? 1 : 0;
    }
    assert.ok(files.length >= 90);
    assert.ok(good >= 5);
  });
}
