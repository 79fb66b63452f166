-- db/migrations/0039_shorten_waitlist_offers.sql
-- Purpose:   an offer ends before its visit, also when new rules of its time zone make that earlier.
-- Locks:     ACCESS EXCLUSIVE on waitlist_offers, briefly.
-- Data:      none.
-- Roll back: never in place; a later migration revokes the right.

SET lock_timeout = '5s';
SET ROLE clinicd_owner;

GRANT UPDATE (expires_at) ON clinicd.waitlist_offers TO clinicd_app;

RESET ROLE;
