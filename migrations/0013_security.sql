-- +goose Up
-- stepped_up_at is when the person behind a session last showed again who they are, before changing what
-- opens the account; it dies with the session.
ALTER TABLE sessions ADD COLUMN stepped_up_at timestamptz;

-- confirmed_at is when the owner last said that a proof is still theirs (registration.reconfirm_days).
ALTER TABLE proofs ADD COLUMN confirmed_at timestamptz;
