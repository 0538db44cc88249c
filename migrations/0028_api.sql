-- +goose Up

-- api_keys: what lets a program in at a tenant's API. A key acts for the account that made it, with those of
-- its permissions that the key was given, for as long as the account has them: it goes with the account.
-- The secret itself is in nobody's hands but the program's.
CREATE TABLE api_keys (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  account_id  uuid NOT NULL,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  hash        bytea NOT NULL CHECK (length(hash) = 32), -- SHA-256 of the secret, which is 32 random bytes
  permissions text[] COLLATE "C" NOT NULL,
  created_at  timestamptz NOT NULL,
  ends_at     timestamptz NOT NULL,
  used_at     timestamptz, -- written at most once a minute
  revoked_at  timestamptz,
  revoked_by  text NOT NULL DEFAULT '', -- as the audit names actors
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CHECK (ends_at > created_at AND ends_at <= created_at + interval '366 days')
);
CREATE INDEX api_keys_account ON api_keys (tenant_id, account_id);
CREATE INDEX api_keys_retention ON api_keys (least(ends_at, revoked_at));
SELECT raise_wall('api_keys');
GRANT SELECT, INSERT, UPDATE ON api_keys TO portico_app;

-- api_answers: what a POST with an Idempotency-Key was answered, for a day. status 0 is one under way.
CREATE TABLE api_answers (
  tenant_id  uuid NOT NULL,
  key_id     uuid NOT NULL,
  name_hash  bytea NOT NULL CHECK (length(name_hash) = 32), -- of what the client sent
  asked_hash bytea NOT NULL CHECK (length(asked_hash) = 32), -- of method, path and body
  status     int NOT NULL DEFAULT 0,
  sealed     bytea, -- headers and body of the answer
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key_id, name_hash),
  FOREIGN KEY (tenant_id, key_id) REFERENCES api_keys (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX api_answers_retention ON api_answers (created_at);
SELECT raise_wall('api_answers');
GRANT SELECT, INSERT, UPDATE, DELETE ON api_answers TO portico_app;

-- The same for keys of the platform, which reach the directory of tenants and nothing inside of them.
CREATE TABLE platform.api_keys (
  id          uuid PRIMARY KEY,
  name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  hash        bytea NOT NULL CHECK (length(hash) = 32),
  permissions text[] COLLATE "C" NOT NULL,
  created_at  timestamptz NOT NULL,
  created_by  text NOT NULL,
  ends_at     timestamptz NOT NULL,
  used_at     timestamptz,
  revoked_at  timestamptz,
  revoked_by  text NOT NULL DEFAULT '',
  CHECK (ends_at > created_at AND ends_at <= created_at + interval '366 days')
);
CREATE INDEX platform_api_keys_retention ON platform.api_keys (least(ends_at, revoked_at));
GRANT SELECT, INSERT, UPDATE ON platform.api_keys TO portico_platform;

CREATE TABLE platform.api_answers (
  key_id     uuid NOT NULL REFERENCES platform.api_keys (id) ON DELETE CASCADE,
  name_hash  bytea NOT NULL CHECK (length(name_hash) = 32),
  asked_hash bytea NOT NULL CHECK (length(asked_hash) = 32),
  status     int NOT NULL DEFAULT 0,
  sealed     bytea,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (key_id, name_hash)
);
CREATE INDEX platform_api_answers_retention ON platform.api_answers (created_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.api_answers TO portico_platform;

-- An import goes on after the request that began it, with the rights of who asked and no more: by_key is the
-- key of by_account's that asked; a key that is revoked meanwhile ends it.
ALTER TABLE imports ADD COLUMN by_key uuid;

-- +goose StatementBegin
CREATE FUNCTION remove_api_keys(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.api_keys WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.api_keys
        WHERE least(ends_at, revoked_at) < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
CREATE FUNCTION remove_platform_api_keys(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM platform.api_keys WHERE id IN
      (SELECT id FROM platform.api_keys
        WHERE least(ends_at, revoked_at) < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
CREATE FUNCTION remove_api_answers(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.api_answers WHERE (tenant_id, key_id, name_hash) IN
      (SELECT tenant_id, key_id, name_hash FROM public.api_answers
        WHERE created_at < (SELECT least(before, clock_timestamp() - interval '1 hour')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
CREATE FUNCTION remove_platform_api_answers(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM platform.api_answers WHERE (key_id, name_hash) IN
      (SELECT key_id, name_hash FROM platform.api_answers
        WHERE created_at < (SELECT least(before, clock_timestamp() - interval '1 hour')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON api_keys, api_answers, platform.api_keys, platform.api_answers TO portico_maintenance;
CREATE POLICY maintenance_reads ON api_keys FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON api_keys FOR DELETE TO portico_maintenance USING (true);
CREATE POLICY maintenance_reads ON api_answers FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON api_answers FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_api_keys, remove_platform_api_keys, remove_api_answers, remove_platform_api_answers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_api_keys, remove_platform_api_keys, remove_api_answers, remove_platform_api_answers TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_api_keys OWNER TO portico_maintenance;
ALTER FUNCTION remove_platform_api_keys OWNER TO portico_maintenance;
ALTER FUNCTION remove_api_answers OWNER TO portico_maintenance;
ALTER FUNCTION remove_platform_api_answers OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
