// The program conformance_server: clinicd's edge in front of the conformance service.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

// Its ports and TLS files, and a function that ends it.
export async function startEdge(program, parameters = []) {
  const child = spawn(program, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error(`${program} ended with ${await ended} before it was ready`);
  const said = JSON.parse(first.value);
  return {
    pid: child.pid,
    tls: said.tls,
    ports: {
      clear: { h1: said.clear_port, h2: said.clear_port },
      tls: { h1: said.tls_port, h2: said.tls_port },
    },
    // It runs until its standard input ends.
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}
