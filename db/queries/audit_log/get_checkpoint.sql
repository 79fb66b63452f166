-- @returns optional
-- @params
-- The newest head of the clinic, under the newest checkpoint: a batch writes both.
SELECT
    head.tree_size,
    head.root_hash,
    head.meta_index,
    head.sealed_at,
    checkpoint.meta_size,
    checkpoint.note,
    (
        SELECT string_agg(cosignature.line, '' ORDER BY cosignature.witness)
        FROM clinicd.audit_cosignatures AS cosignature
        WHERE cosignature.meta_size = checkpoint.meta_size
    ) AS cosignatures
FROM (
    SELECT tree_size, root_hash, meta_index, sealed_at
    FROM clinicd.audit_heads
    WHERE clinic_id = :clinic_id
    ORDER BY
        tree_size DESC
    LIMIT 1
) AS head
CROSS JOIN LATERAL (
    SELECT newest.meta_size, newest.note
    FROM clinicd.audit_checkpoints AS newest
    WHERE newest.meta_size > head.meta_index
    ORDER BY
        newest.meta_size DESC
    LIMIT 1
) AS checkpoint
