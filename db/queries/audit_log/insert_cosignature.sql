-- @returns count
-- @params meta_size, witness, line
-- @global the sealer works for all clinics at once
-- What a witness said first of a checkpoint is kept.
INSERT INTO clinicd.audit_cosignatures (meta_size, witness, line)
VALUES (:meta_size, :witness, :line)
ON CONFLICT (meta_size, witness) DO NOTHING
