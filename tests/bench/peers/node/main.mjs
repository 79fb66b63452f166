// One process of a gRPC peer, started by start.mjs with its configuration in PEER.
import { kindsOf, loadApi, serve } from "./server.mjs";

const config = JSON.parse(process.env.PEER);

async function serviceOf(api) {
  const options = { kinds: kindsOf(api), accessRows: config.accessRows };
  if (config.peer === "node-drizzle") {
    const { DrizzleService } = await import("./drizzle_service.mjs");
    return new DrizzleService(config.database, config.pool, options);
  }
  const { Service } = await import("./service.mjs");
  if (config.peer === "node-pg") {
    const { PgDatabase } = await import("./database_pg.mjs");
    return new Service(new PgDatabase(config.database, config.pool), options);
  }
  const { PostgresDatabase } = await import("./database_postgres.mjs");
  return new Service(new PostgresDatabase(config.database, config.pool), options);
}

const api = loadApi(config.descriptors);
const service = await serviceOf(api);
const { server, target } = await serve({
  service, api, address: config.address, secret: config.secret, tokenCache: config.tokenCache,
});

async function stop() {
  server.forceShutdown();
  await service.close();
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("disconnect", stop);  // Whoever started it is gone.
process.send({ target });
