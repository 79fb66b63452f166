// Takes the common protos out of the locked npm packages into third_party/protos (never committed):
// google/rpc and google/type as source, and buf/validate as a descriptor set, because its package
// ships the compiled descriptor only. Needs Node 18 and an installed node_modules.
import {
  chmodSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const { toBinary } = require("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = require("@bufbuild/protobuf/wkt");

const googleFiles = [
  "google/rpc/code.proto",
  "google/rpc/error_details.proto",
  "google/rpc/status.proto",
  "google/type/date.proto",
];

function takeGoogleProtos(out) {
  const source = join(here, "node_modules", "google-proto-files");
  for (const file of googleFiles) {
    mkdirSync(dirname(join(out, file)), { recursive: true });
    cpSync(join(source, file), join(out, file));
  }
}

// The file and everything it imports, imports first, as protoc wants them in a descriptor set.
function withImports(file, taken = new Map()) {
  file.dependencies.forEach((dependency) => withImports(dependency, taken));
  taken.set(file.proto.name, file.proto);
  return [...taken.values()];
}

function takeValidate(out) {
  // The package exports its schemas but not this module; its place is fixed by the locked version.
  const generated = "node_modules/@bufbuild/protovalidate/dist/cjs/gen/buf/validate/validate_pb.js";
  const { file_buf_validate_validate: validate } = require(join(here, generated));
  const set = { $typeName: FileDescriptorSetSchema.typeName, file: withImports(validate) };
  writeFileSync(join(out, "validate.binpb"), toBinary(FileDescriptorSetSchema, set));
}

// Made aside and moved into place, so that a failure or a build running meanwhile never sees half.
const fresh = mkdtempSync(join(here, ".protos-"));
try {
  takeGoogleProtos(fresh);
  takeValidate(fresh);
  chmodSync(fresh, 0o755);
  const final = join(here, "protos");
  rmSync(final, { recursive: true, force: true });
  renameSync(fresh, final);
} catch (error) {
  rmSync(fresh, { recursive: true, force: true });
  throw error;
}
