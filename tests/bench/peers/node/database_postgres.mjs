// PostgreSQL through postgres.js. Statements of a transaction go down a reserved connection in one
// flush, which sql.begin() would not do: it awaits BEGIN and COMMIT each by itself.
import postgres from "postgres";
import { Transaction } from "./transaction.mjs";

const same = (text) => text;
const asText = (oid) => ({ to: oid, from: [oid], serialize: same, parse: same });

export class PostgresDatabase {
  constructor({ host, port, user, password, database }, pool) {
    this.sql = postgres({
      // A folder is not taken as a host here; the socket is named itself.
      path: `${host}/.s.PGSQL.${port}`,
      user, password, database, max: pool,
      // Not without fetch_types: a reserve() that has to connect first would wait for ever.
      fetch_types: true,
      onnotice: () => {},
      types: {
        date: asText(1082),
        timestamp: asText(1114),
        timestamptz: asText(1184),
        bigint: { to: 20, from: [20], serialize: String, parse: Number },
      },
    });
  }

  async begin(scope, durability) {
    const connection = await this.sql.reserve();
    const send = ({ text }, values) => connection.unsafe(text, values, { prepare: true });
    return new Transaction({ send, release: () => connection.release() }, scope, durability);
  }

  close() {
    return this.sql.end({ timeout: 5 });
  }
}
