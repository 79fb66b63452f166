// The statements of db/queries, as clinicd runs them, for drivers that number their parameters.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./facts.mjs";

/** One statement: its name, its text with $1, $2 .., and the names of these. */
export class Query {
  constructor(name, text, names) {
    this.name = name;
    this.text = text;
    this.names = names;
  }

  /** The values in the order of the numbers. */
  bind(values) {
    return this.names.map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${this.name} lacks :${name}`);
      return value;
    });
  }
}

/** The statement of db/queries/<path>.sql without its comments. */
export function sqlOf(path) {
  const text = readFileSync(join(ROOT, "db/queries", `${path}.sql`), "utf8");
  return text.replace(/^\s*--.*$/gm, "").replace(/\s+/g, " ").trim();
}

/** `sql` with each :name replaced by what `replace` makes of it; casts (::) are left alone. */
export function withParameters(sql, replace) {
  return sql.replace(/(?<!:):([a-z_][a-z0-9_]*)/g, (_, name) => replace(name));
}

export function numbered(name, sql) {
  const names = [];
  const text = withParameters(sql, (parameter) => {
    if (!names.includes(parameter)) names.push(parameter);
    return `$${names.indexOf(parameter) + 1}`;
  });
  return new Query(name, text, names);
}

/** The statement of db/queries/<path>.sql. */
export const load = (path) => numbered(path, sqlOf(path));
