// Starts the processes of a gRPC peer, which share one address.
import cluster from "node:cluster";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { appDatabase } from "./facts.mjs";

export async function startGrpc({ options, facts, secret, work, onDeath }) {
  const config = {
    peer: options.peer,
    database: appDatabase(facts),
    descriptors: options.descriptors,
    secret,
    pool: options.pool,
    accessRows: options.accessRows,
    tokenCache: options.tokenCache,
    address: options.listen ?? `unix:${join(work, "grpc")}`,
  };
  cluster.setupPrimary({ exec: fileURLToPath(new URL("main.mjs", import.meta.url)), args: [] });
  const workers = [];
  let stopping = false;
  let target;
  // They share what they listen on, also a port that the first one was given.
  for (let i = 0; i < options.processes; ++i) {
    const worker = cluster.fork({ PEER: JSON.stringify(config) });
    worker.on("exit", () => stopping || onDeath());
    workers.push(worker);
    [{ target }] = await once(worker, "message");
  }
  return {
    facts: {
      kind: "grpc", target, processes: options.processes, access_rows: options.accessRows,
      token_cache: options.tokenCache, pids: workers.map((worker) => worker.process.pid),
    },
    async stop() {
      stopping = true;
      await Promise.all(workers.map((worker) => {
        if (worker.isDead()) return null;
        const gone = once(worker, "exit");
        worker.process.kill("SIGTERM");
        return gone;
      }));
    },
  };
}
