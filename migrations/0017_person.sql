-- +goose Up
-- A new mail address is confirmed by a link to it before it counts: the link holds the address.
ALTER TABLE links
  DROP CONSTRAINT links_purpose_check,
  ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('recovery', 'unlock', 'invite', 'address')),
  ADD COLUMN address text NOT NULL DEFAULT '',
  ADD CONSTRAINT links_address_check CHECK ((purpose = 'address') = (address <> ''));

-- register_asked_at is when an administrator asked somebody to register their proofs anew: the next
-- sign-in begins with it. NULL: nobody did, or they have since.
ALTER TABLE accounts ADD COLUMN register_asked_at timestamptz;
