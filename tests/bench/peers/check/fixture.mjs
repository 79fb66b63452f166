// What the check needs beside the data of bench_server: another clinic, and visits of today.
export const CLINIC = "018f0000-0000-7000-8000-0000000000c1";
export const OTHER = "018f0000-0000-7000-8000-0000000000c2";
export const NOBODY = "018f0000-0000-7000-8000-0000000000ff";

export const patient = (n) => `00000000-0000-0000-0000-${n.toString(16).padStart(12, "0")}`;
export const practitioner = (n) => patient(0x1000000 + n);
/** A visit that may be checked in today; one of the other clinic from `OTHER_VISIT` on. */
export const visit = (n) => patient(0x2000000 + n);
export const OTHER_PATIENT = patient(0x3000001);
export const OTHER_PRACTITIONER = patient(0x3000002);
export const OTHER_VISIT = patient(0x3000003);

const id = (text) => `'${text}'::uuid`;
const number = (expression) => `lpad(to_hex(${expression}), 32, '0')::uuid`;

// A visit of a minute, so that many fit side by side.
const visitOf = (clinic, id, who, practitionerId, minute) => `
  WITH booked AS (
    INSERT INTO clinicd.appointments
      (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
       starts_at, ends_at)
    SELECT ${clinic}, ${id}, ${who}, ${practitionerId}, at AT TIME ZONE 'UTC', 'UTC', 1, at,
      at + interval '1 minute'
    FROM (SELECT n, date_trunc('minute', now()) + make_interval(mins => ${minute}) AS at
      FROM generate_series(1, 20) AS n) AS slot
    RETURNING *)
  INSERT INTO clinicd.occupancies
    (clinic_id, position, appointment_id, practitioner_id, patient_id, starts_at, ends_at,
     offset_minutes, duration_minutes)
  SELECT clinic_id, part, id, CASE part WHEN 1 THEN practitioner_id END,
    CASE part WHEN 2 THEN patient_id END, starts_at, ends_at, 0, 1
  FROM booked, generate_series(1, 2) AS part`;

export async function fill(database) {
  await database.query(`
    INSERT INTO clinicd.clinics
      (id, slug, name, country_code, time_zone, currency_code, locale, state)
    VALUES ('${OTHER}', 'other', 'Other', 'PT', 'Europe/Lisbon', 'EUR', 'pt-PT', 'active');
    INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on, sex)
    VALUES ('${OTHER}', '${OTHER_PATIENT}', 'Ana', 'Family1', '1980-02-29', 'female');
    INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
    VALUES ('${OTHER}', '${OTHER_PRACTITIONER}', 'Rui', 'Costa');
    INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
    SELECT ${id(CLINIC)}, word, ${number("n")}
    FROM generate_series(1, 30) AS n, unnest(ARRAY['family' || n, 'given' || n]) AS word
    UNION ALL SELECT ${id(OTHER)}, 'family1', ${id(OTHER_PATIENT)};
    UPDATE clinicd.patients SET file_number = 'F-2', external_id = 'old:2', sex = 'unknown',
      vip = true
    WHERE id = '${patient(2)}';
    ${visitOf(id(CLINIC), number("33554432 + n"), number("n"), id(practitioner(1)), "29 + n")};
    ${visitOf(id(OTHER), number("50331650 + n"), id(OTHER_PATIENT), id(OTHER_PRACTITIONER),
      "29 + n")};
  `);
}
