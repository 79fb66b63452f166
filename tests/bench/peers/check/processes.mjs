// Starts programs that print one line of JSON when they are ready.
import { spawn } from "node:child_process";
import { once } from "node:events";

export class Program {
  constructor(file, args) {
    this.child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.errors = "";
    this.child.stderr.setEncoding("utf8").on("data", (text) => {
      this.errors = (this.errors + text).slice(-4000);
    });
  }

  /** The line, as text. */
  async ready() {
    let received = "";
    this.child.stdout.setEncoding("utf8");
    const line = new Promise((resolve, reject) => {
      this.child.stdout.on("data", (text) => {
        received += text;
        if (received.includes("\n")) resolve(received.split("\n")[0]);
      });
      this.child.on("error", reject);
      this.child.on("exit", (code) =>
        reject(new Error(`${this.child.spawnfile} ended with ${code}: ${this.errors}`)));
    });
    return line;
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await gone;
  }
}
