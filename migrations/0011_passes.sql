-- +goose Up
-- An invitation is a mailed link to a first password.
ALTER TABLE links
  DROP CONSTRAINT links_purpose_check,
  ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('recovery', 'unlock', 'invite'));

-- passes: a one-time pass for somebody without a mailbox or without their phone, issued by the helpdesk
-- after it saw who they are. It opens nothing but a new password and the registration of proofs. While
-- another operator has not approved it, or the policy's delay runs, ready_at is NULL or to come.
CREATE TABLE passes (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  account_id   uuid NOT NULL,
  stamp        bigint NOT NULL,           -- the account's when it was issued: what changes that, ends it
  hash         bytea NOT NULL CHECK (octet_length(hash) = 32), -- keyed hash of account and pass
  proofing     text NOT NULL CHECK (proofing <> ''), -- how the person was recognised
  approval     text COLLATE "C" NOT NULL CHECK (approval IN ('second', 'delay')), -- the policy's, when it was issued
  issued_by    text NOT NULL,
  approved_by  text,
  stop_hash    bytea NOT NULL CHECK (octet_length(stop_hash) = 32), -- of the token with which the owner objects
  issued_at    timestamptz NOT NULL,
  ready_at     timestamptz,               -- when it begins to work; NULL: not approved yet
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz,
  revoked_at   timestamptz,
  ended_reason text NOT NULL DEFAULT '',  -- operator, owner, replaced
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, stop_hash),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CHECK (approved_by IS NULL OR lower(approved_by) <> lower(issued_by))
);
-- At most one stands for an account, also when two are issued at once: the newest.
CREATE UNIQUE INDEX passes_standing ON passes (tenant_id, account_id) WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX passes_account ON passes (tenant_id, account_id, issued_at DESC);
CREATE INDEX passes_retention ON passes (expires_at);
SELECT raise_wall('passes');
GRANT SELECT, INSERT, UPDATE ON passes TO portico_app;

-- support_requests: somebody who cannot get back in asked to be helped; the code is what they read out
-- to the helpdesk. account_id is NULL for a stranger, who is shown a code as well.
CREATE TABLE support_requests (
  tenant_id      uuid NOT NULL,
  id             uuid NOT NULL,
  whom           bytea NOT NULL CHECK (octet_length(whom) = 32),      -- keyed hash of the identifier as typed
  account_id     uuid,
  code           bytea NOT NULL,                                      -- sealed, bound to the row: shown again to who asks again
  code_hash      bytea NOT NULL CHECK (octet_length(code_hash) = 32), -- keyed hash, to look it up
  note           text NOT NULL DEFAULT '',                            -- what they wrote; anybody may have
  client_address text NOT NULL DEFAULT '',
  state          text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  created_at     timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,   -- an open request stands until then
  closed_at      timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, code_hash),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
-- One open request a person, also when two are made at once.
CREATE UNIQUE INDEX support_requests_open ON support_requests (tenant_id, whom) WHERE state = 'open';
CREATE INDEX support_requests_account ON support_requests (tenant_id, account_id);
CREATE INDEX support_requests_retention ON support_requests (expires_at);
SELECT raise_wall('support_requests');
GRANT SELECT, INSERT, UPDATE ON support_requests TO portico_app;

-- +goose StatementBegin
CREATE FUNCTION remove_passes(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.passes WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.passes WHERE expires_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
CREATE FUNCTION remove_support_requests(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.support_requests WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.support_requests WHERE expires_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON passes, support_requests TO portico_maintenance;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['passes', 'support_requests'] LOOP
    EXECUTE format('CREATE POLICY maintenance_reads ON %I FOR SELECT TO portico_maintenance USING (true)', t);
    EXECUTE format('CREATE POLICY maintenance_removes ON %I FOR DELETE TO portico_maintenance USING (true)', t);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION remove_%s FROM PUBLIC', t);
    EXECUTE format('GRANT EXECUTE ON FUNCTION remove_%s TO portico_platform', t);
    EXECUTE format('ALTER FUNCTION remove_%s OWNER TO portico_maintenance', t);
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
