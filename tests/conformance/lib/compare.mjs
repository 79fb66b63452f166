// Finds where two answers differ, and which differences are meant.

// The paths at which they differ, as {field, reference, clinicd}.
export function differences(reference, clinicd, field = "") {
  const isTree = (value) => typeof value === "object" && value !== null;
  if (isTree(reference) && isTree(clinicd)) {
    const names = new Set([...Object.keys(reference), ...Object.keys(clinicd)]);
    return [...names].flatMap((name) =>
      differences(reference[name], clinicd[name], field === "" ? name : `${field}.${name}`));
  }
  return Object.is(reference, clinicd) ? [] : [{ field, reference, clinicd }];
}

const matches = (pattern, text) => pattern === undefined || new RegExp(`^(${pattern})$`, "s").test(text);
const shown = (value) => (value === undefined ? "nothing" : JSON.stringify(value));

// The list of intended differences. Each entry has a reason and says by regular expressions, each
// of the whole text, of which exchanges and fields it speaks; what it leaves out, it allows.
export class IntendedDifferences {
  #entries;

  constructor(entries) {
    const known = new Set(["reason", "case", "protocol", "version", "wire", "field", "reference", "clinicd"]);
    for (const entry of entries) {
      const strange = Object.keys(entry).filter((name) => !known.has(name));
      if (strange.length > 0 || !entry.reason || !entry.case || !entry.field) {
        throw new Error(`not an intended difference: ${JSON.stringify(entry)}`);
      }
    }
    this.#entries = entries.map((entry) => ({ entry, uses: 0 }));
  }

  covers(exchange, difference) {
    const found = this.#entries.filter(({ entry }) =>
      matches(entry.case, exchange.case) && matches(entry.protocol, exchange.protocol) &&
      matches(entry.version, exchange.version) && matches(entry.wire, exchange.wire) &&
      matches(entry.field, difference.field) && matches(entry.reference, shown(difference.reference)) &&
      matches(entry.clinicd, shown(difference.clinicd)));
    found.forEach((one) => one.uses++);
    return found.length > 0;
  }

  unused() {
    return this.#entries.filter(({ uses }) => uses === 0).map(({ entry }) => entry);
  }
}

export const describe = ({ field, reference, clinicd }) =>
  `${field}: reference ${shown(reference)}, clinicd ${shown(clinicd)}`;
