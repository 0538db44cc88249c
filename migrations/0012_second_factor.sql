-- +goose Up
-- signin_challenges: somebody whose password was right and whose second factor is asked for. There is no
-- session yet; the browser holds the secret in a sealed cookie, and any instance may take the code.
CREATE TABLE signin_challenges (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
  account_id  uuid NOT NULL,
  stamp       bigint NOT NULL,            -- the account's when the password was right: what changes that, ends it
  remember    boolean NOT NULL,           -- the session is to outlast the browser
  duty        text COLLATE "C" NOT NULL,  -- of the session that is to come
  set_up      boolean NOT NULL,           -- and whether the page about missing proofs comes first
  return_to   text NOT NULL DEFAULT '',   -- where they were going
  client_address text NOT NULL DEFAULT '',
  tries       int NOT NULL DEFAULT 0,
  started_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, secret_hash),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX signin_challenges_account ON signin_challenges (tenant_id, account_id);
CREATE INDEX signin_challenges_retention ON signin_challenges (expires_at);
SELECT raise_wall('signin_challenges');
GRANT SELECT, INSERT, UPDATE ON signin_challenges TO portico_app;

-- A browser in which its owner asked not to be asked for a code again, until then and while the account
-- is what it was: a new password or a change of proofs ends it.
ALTER TABLE known_devices
  ADD COLUMN trusted_until timestamptz,
  ADD COLUMN trusted_stamp bigint NOT NULL DEFAULT 0;

-- next_duty follows duty: whoever must add a second factor may have to choose a new password, too.
ALTER TABLE sessions ADD COLUMN next_duty text COLLATE "C" NOT NULL DEFAULT '' CHECK (next_duty IN ('', 'register', 'password'));

-- +goose StatementBegin
CREATE FUNCTION remove_signin_challenges(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.signin_challenges WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.signin_challenges WHERE expires_at < (SELECT least(before, clock_timestamp() - interval '1 hour')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON signin_challenges TO portico_maintenance;
CREATE POLICY maintenance_reads ON signin_challenges FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON signin_challenges FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_signin_challenges FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_signin_challenges TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_signin_challenges OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
