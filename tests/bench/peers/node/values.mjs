// Ids, times and rows as the API has them.
import { randomFillSync } from "node:crypto";

const bytes = Buffer.alloc(16 * 256);
let used = bytes.length;

/** A new UUIDv7. */
export function newId() {
  if (used === bytes.length) {
    randomFillSync(bytes);
    used = 0;
  }
  const id = bytes.subarray(used, used + 16);
  used += 16;
  id.writeUIntBE(Date.now(), 0, 6);
  id[6] = 0x70 | (id[6] & 0x0f);
  id[8] = 0x80 | (id[8] & 0x3f);
  const hex = id.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-` +
    hex.slice(20);
}

/** A number that locks can be taken by, from the first digits of a UUID. */
export const lockKey = (uuid) => Number.parseInt(uuid.slice(-8), 16) | 0;

/** google.protobuf.Timestamp of PostgreSQL's text of a timestamptz in UTC, to the microsecond. */
export function timestampOf(text) {
  if (text === null) return undefined;
  const point = text.indexOf(".");
  const end = text.indexOf("+", 19);
  const fraction = point < 0 ? "" : text.slice(point + 1, end);
  return {
    seconds: Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`) / 1000,
    nanos: fraction === "" ? 0 : Number(fraction.padEnd(9, "0")),
  };
}

export function dateOf(text) {
  const [year, month, day] = text.split("-");
  return { year: Number(year), month: Number(month), day: Number(day) };
}

const padded = (number, digits) => String(number).padStart(digits, "0");
export const dateText = ({ year, month, day }) =>
  `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;

/** The day of the date text, that many days later. */
export const addDays = (text, days) =>
  new Date(Date.parse(`${text}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

const formats = new Map();

function offsetAt(instant, zone) {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    });
    formats.set(zone, format);
  }
  const part = {};
  for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
  const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return local - instant;
}

/** The instant, in milliseconds, of a local time "YYYY-MM-DDTHH:MM" in an IANA zone. */
export function instantOf(local, zone) {
  const asUtc = Date.parse(`${local}:00Z`);
  const first = asUtc - offsetAt(asUtc, zone);
  return asUtc - offsetAt(first, zone);
}
