-- @returns count
-- @params id, email_key
-- @global People are one row whatever number of clinics they work for; nobody reads this table.
INSERT INTO clinicd.users
    (id, email_key)
VALUES
    (:id, :email_key)
ON CONFLICT (id) DO NOTHING
