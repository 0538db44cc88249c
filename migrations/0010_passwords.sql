-- +goose Up
-- earlier_passwords: what an account's password was before, sealed as accounts.password is, so that a
-- new one can be compared with the last few. Only as many are kept as the policy compares.
CREATE TABLE earlier_passwords (
  tenant_id   uuid NOT NULL,
  account_id  uuid NOT NULL,
  id          uuid NOT NULL,
  password    bytea NOT NULL, -- PHC string sealed with the pepper's key, bound to tenant and account
  replaced_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, account_id, id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
SELECT raise_wall('earlier_passwords');
GRANT SELECT, INSERT, DELETE ON earlier_passwords TO portico_app;
