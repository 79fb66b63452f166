// What bench_server says of itself, and how its database is reached.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../../..");

// key='value' pairs of libpq, with \\ and \' inside of values.
function parseConninfo(text) {
  const found = {};
  for (const [, key, quoted, bare] of text.matchAll(/(\w+)\s*=\s*(?:'((?:\\.|[^'\\])*)'|(\S+))/g)) {
    found[key] = quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1");
  }
  return found;
}

/** The facts of the file, the last line of which is what bench_server printed. */
export function readFacts(file) {
  return JSON.parse(readFileSync(file, "utf8").trim().split("\n").at(-1));
}

/** The database as the role clinicd_app, which is subject to row-level security. */
export function appDatabase(facts) {
  const { host, port, user, password, dbname } = parseConninfo(facts.database);
  return { host, port: Number(port), user, password, database: dbname };
}

/** The database as its superuser, whose password is in the --data of bench_server. */
export function adminDatabase(facts) {
  const file = facts.admin_password_file ??
    join(dirname(dirname(facts.ca)), "cluster/secrets/postgres.password");
  const password = readFileSync(file, "utf8").trim();
  return { ...appDatabase(facts), user: "postgres", password };
}
