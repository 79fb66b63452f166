// grpc-js, native gRPC: node grpc_js.mjs DESCRIPTORS DEV_JSON
import { readFileSync } from "node:fs";

import { CallError, checkFirstEvent, readDevFile, watchDay, workAtDesk } from "../lib/desk.mjs";
import { require } from "../lib/packages.mjs";
import { Schema } from "../lib/schema.mjs";

const grpc = require("@grpc/grpc-js");

const [descriptors, devFile] = process.argv.slice(2);
const schema = new Schema(descriptors);
const dev = readDevFile(devFile);
const client = new grpc.Client(
  new URL(dev.url).host, grpc.credentials.createSsl(readFileSync(dev.ca)));

function prepared(service, method, token) {
  const { input, output } = schema.methodOf(service, method);
  const metadata = new grpc.Metadata();
  if (token) metadata.set("authorization", `Bearer ${token}`);
  return {
    path: `/${service}/${method}`, metadata,
    encode: (value) => schema.encode(input, value),
    decode: (bytes) => schema.decode(output, bytes),
  };
}

function callError(error) {
  const [details] = error.metadata.get("grpc-status-details-bin");
  const status = details ? schema.decode(schema.status, details) : {};
  return CallError.of(error.code, status.details ?? []);
}

function call(service, method, request, token) {
  const { path, encode, decode, metadata } = prepared(service, method, token);
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, encode, decode, request, metadata,
      (error, response) => (error ? reject(callError(error)) : resolve(response))));
}

function firstEvent(token) {
  const { path, encode, decode, metadata } = prepared(watchDay.service, watchDay.method, token);
  const stream = client.makeServerStreamRequest(path, encode, decode, watchDay.request, metadata);
  return new Promise((resolve, reject) => {
    stream.on("error", (error) => reject(callError(error)));
    stream.on("data", (event) => {
      resolve(event);
      stream.cancel();
    });
  });
}

const token = await workAtDesk(call, dev);
checkFirstEvent(await firstEvent(token));
client.close();
