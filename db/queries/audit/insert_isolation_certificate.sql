-- @returns count
-- @params id, probed_on, started_at, ended_at, release, node, schema_version, table_count, empty_table_count, method_count, call_count, finding_count, findings, catalog_digest, digest
-- None where the clinic has the same result of that day. Findings come one a line.
INSERT INTO clinicd.isolation_certificates
    (clinic_id, id, probed_on, started_at, ended_at, release, node, schema_version, table_count,
     empty_table_count, method_count, call_count, finding_count, findings, catalog_digest, digest)
VALUES
    (:clinic_id, :id, :probed_on, :started_at, :ended_at, :release, :node, :schema_version,
     :table_count, :empty_table_count, :method_count, :call_count, :finding_count,
     string_to_array(:findings, E'\n'), :catalog_digest, :digest)
ON CONFLICT (clinic_id, probed_on, digest) DO NOTHING
