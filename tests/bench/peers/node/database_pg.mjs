// PostgreSQL through pg (node-postgres) in pipeline mode, with named statements.
import pg from "pg";
import { Transaction } from "./transaction.mjs";

const BIGINT = 20;
// Dates and times stay text: a JavaScript Date would lose the microseconds.
const TEXT = new Set([1082, 1114, 1184]);

/** Parsers of column types, as the driver asks for them. */
export const types = {
  getTypeParser(oid, format) {
    if (TEXT.has(oid)) return (text) => text;
    if (oid === BIGINT) return Number;
    return pg.types.getTypeParser(oid, format);
  },
};

export class PgDatabase {
  constructor(connection, pool) {
    this.pool = new pg.Pool({ ...connection, max: pool, pipeline: true, types });
    this.pool.on("error", () => {});  // An idle connection that breaks is replaced.
  }

  async begin(scope, durability) {
    const client = await this.pool.connect();
    const send = async ({ name, text }, values) =>
      (await client.query({ name, text, values })).rows;
    const release = (broken) => client.release(broken);
    return new Transaction({ send, release }, scope, durability);
  }

  close() {
    return this.pool.end();
  }
}
