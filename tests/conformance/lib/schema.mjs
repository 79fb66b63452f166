// The messages of all services, from the descriptor set that the build wrote. Nothing is generated.
import { readFileSync } from "node:fs";

import { require } from "./packages.mjs";

const { createFileRegistry, fromBinary, fromJson, toBinary, toJson } =
  require("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = require("@bufbuild/protobuf/wkt");

export const servicePath = "clinicd.conformance.v1.ConformanceService";

export class Schema {
  constructor(descriptorSetFile) {
    this.registry =
      createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptorSetFile)));
    this.service = this.registry.getService(servicePath);
    this.errorInfo = this.message("google.rpc.ErrorInfo");
    this.status = this.message("google.rpc.Status");
  }

  message(name) {
    const found = this.registry.getMessage(name);
    if (!found) throw new Error(`no message ${name} in the descriptor set`);
    return found;
  }

  methodOf(serviceName, name) {
    const found = this.registry.getService(serviceName)?.methods.find((one) => one.name === name);
    if (!found) throw new Error(`no method ${serviceName}/${name} in the descriptor set`);
    return found;
  }

  method(name) {
    return this.methodOf(servicePath, name);
  }

  // `value` as a literal in the JSON mapping.
  encode(message, value) {
    return Buffer.from(toBinary(message, fromJson(message, value)));
  }

  toJsonText(message, value) {
    return JSON.stringify(toJson(message, fromJson(message, value)));
  }

  // In the JSON mapping, with keys in the order of the fields.
  decode(message, bytes) {
    return toJson(message, fromBinary(message, bytes), { registry: this.registry });
  }

  decodeJson(message, text) {
    return toJson(message, fromJson(message, JSON.parse(text)));
  }
}
