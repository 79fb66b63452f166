// What the check works on, beside whatever bench_server made: patients and practitioners of its own
// in the first clinic, a full day of them, visits of today, and another clinic.
export const OTHER = "018f0000-0000-7000-8000-0000000000c2";
export const NOBODY = "018f0000-0000-7000-8000-0000000000ff";

const FIRST_PATIENT = 0x40000000;
const FIRST_PRACTITIONER = 0x41000000;
const FIRST_VISIT = 0x42000000;
const FIRST_OTHER_VISIT = 0x43000000;

const uuid = (n) => `00000000-0000-0000-0000-${n.toString(16).padStart(12, "0")}`;
export const patient = (n) => uuid(FIRST_PATIENT + n);
export const practitioner = (n) => uuid(FIRST_PRACTITIONER + n);
/** A visit of patient `n` that may be checked in today. */
export const visit = (n) => uuid(FIRST_VISIT + n);
export const OTHER_PATIENT = uuid(0x44000001);
export const OTHER_PRACTITIONER = uuid(0x44000002);
export const OTHER_VISIT = uuid(FIRST_OTHER_VISIT + 1);
/** The day on which practitioner 1 has 16 visits. */
export const HISTORY = { year: 2026, month: 1, day: 2 };

const id = (text) => `'${text}'::uuid`;
const numbered = (first) => `lpad(to_hex(${first} + n), 32, '0')::uuid`;

// 20 visits in a row from an instant on; of `minutes` minutes.
const visitsOf = ({ clinic, ids, who, whom, from, minutes, count = 20 }) => `
  WITH booked AS (
    INSERT INTO clinicd.appointments
      (clinic_id, id, patient_id, practitioner_id, local_start, time_zone, duration_minutes,
       starts_at, ends_at)
    SELECT ${id(clinic)}, ${ids}, ${who}, ${id(whom)}, at AT TIME ZONE 'UTC', 'UTC', ${minutes}, at,
      at + interval '${minutes} minutes'
    FROM (SELECT n, ${from} + make_interval(mins => ${minutes} * n) AS at
      FROM generate_series(1, ${count}) AS n) AS slot
    RETURNING *)
  INSERT INTO clinicd.occupancies
    (clinic_id, position, appointment_id, practitioner_id, patient_id, starts_at, ends_at,
     offset_minutes, duration_minutes)
  SELECT clinic_id, part, id, CASE part WHEN 1 THEN practitioner_id END,
    CASE part WHEN 2 THEN patient_id END, starts_at, ends_at, 0, ${minutes}
  FROM booked, generate_series(1, 2) AS part;`;

export async function fill(database, clinic) {
  const soon = "date_trunc('minute', now()) + interval '30 minutes'";
  await database.query(`
    INSERT INTO clinicd.clinics
      (id, slug, name, country_code, time_zone, currency_code, locale, state)
    VALUES ('${OTHER}', 'other', 'Other', 'PT', 'Europe/Lisbon', 'EUR', 'pt-PT', 'active');
    INSERT INTO clinicd.patients
      (clinic_id, id, given_name, family_name, born_on, sex, phone, email, address)
    SELECT ${id(clinic)}, ${numbered(FIRST_PATIENT)}, 'Given' || n, 'Family' || n,
      date '1950-01-01' + 321 * n, 'female', '+34 600 ' || n, 'p' || n || '@example.org',
      'Calle Mayor ' || n
    FROM generate_series(1, 30) AS n;
    INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
    SELECT ${id(clinic)}, ${numbered(FIRST_PRACTITIONER)}, 'Given', 'Family' || n
    FROM generate_series(1, 3) AS n;
    INSERT INTO clinicd.patients (clinic_id, id, given_name, family_name, born_on, sex)
    VALUES ('${OTHER}', '${OTHER_PATIENT}', 'Ana', 'Family1', '1980-02-29', 'female');
    INSERT INTO clinicd.practitioners (clinic_id, id, given_name, family_name)
    VALUES ('${OTHER}', '${OTHER_PRACTITIONER}', 'Rui', 'Costa');
    INSERT INTO clinicd.patient_tokens (clinic_id, token, patient_id)
    SELECT ${id(clinic)}, word, ${numbered(FIRST_PATIENT)}
    FROM generate_series(1, 30) AS n, unnest(ARRAY['family' || n, 'given' || n]) AS word
    UNION ALL SELECT ${id(OTHER)}, 'family1', ${id(OTHER_PATIENT)};
    UPDATE clinicd.patients SET file_number = 'F-2', external_id = 'old:2', sex = 'unknown',
      vip = true, alert = 'Allergic to latex'
    WHERE id = '${patient(2)}';
    ${visitsOf({
      clinic, ids: "gen_random_uuid()", who: numbered(FIRST_PATIENT), whom: practitioner(1),
      from: "timestamptz '2026-01-02 08:00Z'", minutes: 30, count: 16,
    })}
    ${visitsOf({
      clinic, ids: numbered(FIRST_VISIT), who: numbered(FIRST_PATIENT), whom: practitioner(1),
      from: soon, minutes: 1,
    })}
    ${visitsOf({
      clinic: OTHER, ids: numbered(FIRST_OTHER_VISIT), who: id(OTHER_PATIENT),
      whom: OTHER_PRACTITIONER, from: soon, minutes: 1,
    })}
  `);
}
