// A transaction of one clinic over a driver that pipelines: what is run is on its way at once, and
// is waited for together.
import { Query } from "./queries.mjs";

const BEGIN = new Query("begin", "BEGIN", []);
const COMMIT = new Query("commit", "COMMIT", []);
const ROLLBACK = new Query("rollback", "ROLLBACK", []);
// What clinicd sets, so that every server works under the same rules and durability.
export const SETTINGS = new Query(
  "settings",
  "SELECT set_config('clinicd.clinic_id', $1, true), set_config('clinicd.user_id', $2, true), " +
    "set_config('clinicd.purpose', '', true), set_config('statement_timeout', '9000', true), " +
    "set_config('synchronous_commit', $3, true), set_config('transaction_read_only', $4, true)",
  ["clinic", "user", "synchronous_commit", "read_only"]);

/** How a call's changes are made durable; reads write an access row at most. */
export const CHANGE = { synchronous_commit: "on", read_only: "off" };
export const READ_WITH_TRACE = { synchronous_commit: "off", read_only: "off" };
export const READ = { synchronous_commit: "off", read_only: "on" };

export class Transaction {
  #pending = [];

  /** `send(query, values)` gives the rows; `release(broken)` gives the connection back. */
  constructor({ send, release }, scope, durability) {
    this.send = send;
    this.release = release;
    this.clinic = scope.clinic;
    this.#start(BEGIN, []);
    this.#start(SETTINGS, SETTINGS.bind({ clinic: scope.clinic, user: scope.user, ...durability }));
  }

  #start(query, values) {
    const rows = this.send(query, values);
    rows.catch(() => {});  // Whoever needs it awaits it; all are looked at in the end.
    this.#pending.push(rows);
    return rows;
  }

  /** The rows of a statement, without waiting for those before. */
  run(query, values) {
    return this.#start(query, query.bind({ clinic_id: this.clinic, ...values }));
  }

  /** Returns when everything is done and durable; fails with the first failure of all. */
  async commit() {
    this.#start(COMMIT, []);
    const failed = await this.#end();
    if (failed) throw failed.reason;
  }

  async rollback() {
    this.#start(ROLLBACK, []);
    await this.#end();
  }

  async #end() {
    const results = await Promise.allSettled(this.#pending);
    // After a ROLLBACK or COMMIT that failed nobody knows what the connection is in.
    this.release(results.at(-1).status === "rejected");
    return results.find((result) => result.status === "rejected");
  }
}
