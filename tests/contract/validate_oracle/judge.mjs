// Judges the messages of generate.cc with @bufbuild/protovalidate and compares the broken
// rules, as pairs of field path and rule. Started by run.sh:
//   node judge.mjs SEED COUNT GENERATOR DESCRIPTOR_SET...
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, "../../../third_party/package.json"));
const { createFileRegistry, fromBinary, isFieldSet } = require("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = require("@bufbuild/protobuf/wkt");
const { pathToString } = require("@bufbuild/protobuf/reflect");
const { createValidator } = require("@bufbuild/protovalidate");

const [seed, count, generator, ...descriptorSets] = process.argv.slice(2);
const shownMax = 10;

const registries = descriptorSets.map((file) =>
  createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file))),
);
const validators = registries.map((registry) => createValidator({ registry }));

// In an update the server heeds only the fields that the mask means; this evaluator knows nothing
// of masks, so what it says of other fields is left out here.
function isMeant(schema, message, path) {
  const mask = schema.fields.find((field) => field.name === "update_mask");
  if (!mask || path.length < 2 || path[0].kind !== "field") return true;
  if (path[0].message?.typeName.startsWith("google.")) return true;
  const resource = message[path[0].localName];
  const paths = message.updateMask?.paths;
  const isNamed = (field) =>
    paths ? paths.includes(field.name) : isFieldSet(resource, field);
  return path[1].kind === "oneof" ? path[1].fields.some(isNamed) : isNamed(path[1]);
}

function judge(typeName, bytes) {
  const which = registries.findIndex((registry) => registry.getMessage(typeName));
  const schema = registries[which].getMessage(typeName);
  const message = fromBinary(schema, bytes);
  const result = validators[which].validate(schema, message);
  if (result.kind === "error") return [`error: ${result.error}`];
  return (result.violations ?? [])
    .filter((violation) => isMeant(schema, message, violation.field))
    .map((violation) => `${pathToString(violation.field)} ${violation.ruleId}`);
}

// What is ours alone begins with "clinicd.".
const isShared = (violation) => !/ clinicd\.\w+$/.test(violation);
const decoded = (text) => Buffer.from(text, "base64");

async function main() {
  const child = spawn(generator, [seed, count, ...descriptorSets], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => {
    child.on("close", resolve);
    child.on("error", resolve);
  });
  const types = new Map();
  const rules = new Map();
  let differing = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [typeName, bytes, told] = line.split("\t");
    const ours = decoded(told).toString().split("\n").filter(Boolean).filter(isShared).sort();
    const theirs = judge(typeName, decoded(bytes)).sort();
    const seen = types.get(typeName) ?? { valid: 0, invalid: 0 };
    theirs.length === 0 ? seen.valid++ : seen.invalid++;
    types.set(typeName, seen);
    for (const violation of theirs) {
      const rule = violation.slice(violation.lastIndexOf(" ") + 1);
      rules.set(rule, (rules.get(rule) ?? 0) + 1);
    }
    if (JSON.stringify(ours) === JSON.stringify(theirs)) continue;
    if (++differing > shownMax) continue;
    console.log(`${typeName} ${bytes}\n  ours:   ${ours.join("; ")}\n  theirs: ${theirs.join("; ")}`);
  }
  const code = await ended;
  let total = 0;
  for (const [typeName, { valid, invalid }] of [...types].sort()) {
    total += valid + invalid;
    console.log(`${typeName}: ${valid} valid, ${invalid} invalid`);
    // A generator that only makes rubbish would prove nothing about what must pass.
    if (valid === 0) differing++, console.log(`  no valid ${typeName} was made`);
  }
  console.log([...rules].sort().map(([rule, times]) => `${rule}: ${times}`).join("\n"));
  console.log(`seed ${seed}: ${total} messages of ${types.size} types, ${differing} judged differently`);
  if (code !== 0) console.log(`the generator failed: ${code}`);
  process.exitCode = code !== 0 || differing > 0 || total === 0 ? 1 : 0;
}

await main();
