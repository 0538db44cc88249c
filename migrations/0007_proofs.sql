-- +goose Up
-- proofs: what a person registered to show that it is them, at most one of a kind. Numbers, addresses
-- and secrets are sealed under a key of the tenant and bound to the row; answers and recovery codes
-- stand in tables of their own.
CREATE TABLE proofs (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  account_id  uuid NOT NULL,
  kind        text COLLATE "C" NOT NULL
    CHECK (kind IN ('auth_phone', 'office_phone', 'auth_email', 'security_questions', 'totp', 'recovery_code')),
  sealed      bytea,
  set_by      text COLLATE "C" NOT NULL CHECK (set_by IN ('owner', 'administrator', 'import')),
  verified_at timestamptz,           -- NULL: never shown to work; counts for nothing, but for what an administrator set
  counts_from timestamptz NOT NULL,  -- the policy's delay before it may open the account
  last_step   bigint NOT NULL DEFAULT 0, -- of an authenticator: the last time step accepted (RFC 6238 5.2: one use a step)
  last_used_at timestamptz,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, account_id, kind),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
SELECT raise_wall('proofs');
GRANT SELECT, INSERT, UPDATE, DELETE ON proofs TO portico_app;

-- proof_answers: answers to security questions, hashed as slowly as passwords; nobody can read them.
CREATE TABLE proof_answers (
  tenant_id uuid NOT NULL,
  proof_id  uuid NOT NULL,
  question  text COLLATE "C" NOT NULL, -- 'q01'…'q35' of the catalogue, or 'own:' and a digest of the tenant's text
  answer    bytea NOT NULL,            -- PHC string sealed with the pepper's key, bound to tenant and proof
  PRIMARY KEY (tenant_id, proof_id, question),
  FOREIGN KEY (tenant_id, proof_id) REFERENCES proofs (tenant_id, id) ON DELETE CASCADE
);
SELECT raise_wall('proof_answers');
GRANT SELECT, INSERT, UPDATE, DELETE ON proof_answers TO portico_app;

-- recovery_codes: saved codes of 80 bits by their keyed hash; one use each.
CREATE TABLE recovery_codes (
  tenant_id uuid NOT NULL,
  proof_id  uuid NOT NULL,
  hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
  used_at   timestamptz,
  PRIMARY KEY (tenant_id, proof_id, hash),
  FOREIGN KEY (tenant_id, proof_id) REFERENCES proofs (tenant_id, id) ON DELETE CASCADE
);
SELECT raise_wall('recovery_codes');
GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_codes TO portico_app;

-- challenges: one proof asked for, within one recovery, one session that registers it, or one sign-in.
-- A code is kept as a keyed hash with a salt of the row. A stranger's challenge costs the same row.
CREATE TABLE challenges (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  subject    text COLLATE "C" NOT NULL, -- 'flow:<uuid>', 'session:<uuid>', 'signin:<uuid>': whose it is, and nobody else's
  account_id uuid,
  method     text COLLATE "C" NOT NULL, -- of gates.methods_use: sms_mobile, totp …
  hash       bytea,                     -- of the code; NULL where none was sent
  asked      text[] NOT NULL DEFAULT '{}', -- the questions
  sealed     bytea,                     -- while registering: the number, address or secret that is to be shown to work
  tries      int NOT NULL DEFAULT 0,
  sent_at    timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,               -- used, replaced or given up
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
-- At most one stands for a subject, also when two are asked for at once.
CREATE UNIQUE INDEX challenges_standing ON challenges (tenant_id, subject) WHERE ended_at IS NULL;
CREATE INDEX challenges_account ON challenges (tenant_id, account_id);
CREATE INDEX challenges_retention ON challenges (expires_at);
SELECT raise_wall('challenges');
GRANT SELECT, INSERT, UPDATE ON challenges TO portico_app;

-- recovery_blocks counts codes and answers given in a recovery, by account and client together, so that
-- a stranger's failures never shut the owner's own browser out (decisions.md 19). A stranger's
-- identifier counts under its keyed hash. Durable: a crash forgets no block.
CREATE TABLE recovery_blocks (
  tenant_id      uuid NOT NULL,
  key            bytea NOT NULL, -- keyed hash of counter, account (or identifier) and client
  account_id     uuid,           -- for the console, which shows and lifts blocks
  counter        text COLLATE "C" NOT NULL, -- proof, send:<method>, day
  client_address text NOT NULL DEFAULT '',
  count          int NOT NULL DEFAULT 0,
  started_at     timestamptz NOT NULL,
  ends_at        timestamptz NOT NULL, -- of the window
  blocked_until  timestamptz,
  PRIMARY KEY (tenant_id, key),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX recovery_blocks_account ON recovery_blocks (tenant_id, account_id);
CREATE INDEX recovery_blocks_retention ON recovery_blocks (ends_at);
SELECT raise_wall('recovery_blocks');
GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_blocks TO portico_app;

-- A recovery through gates: its browser holds the secret, any instance may serve the next step.
ALTER TABLE recovery_flows
  ADD COLUMN secret_hash bytea CHECK (octet_length(secret_hash) = 32), -- NULL: begun by a mailed link, which is its secret
  ADD COLUMN whom        bytea,                       -- keyed hash of what was typed: shapes what a stranger is shown
  ADD COLUMN goal        text NOT NULL DEFAULT '' CHECK (goal IN ('', 'reset', 'unlock')),
  ADD COLUMN stamp       bigint NOT NULL DEFAULT 0,   -- the account's when it began
  ADD COLUMN tries       int NOT NULL DEFAULT 0,      -- wrong codes and answers
  DROP CONSTRAINT recovery_flows_outcome_check,
  ADD CONSTRAINT recovery_flows_outcome_check CHECK (outcome IN ('reset', 'unlocked', 'replaced', 'revoked', 'refused', 'given up'));
CREATE UNIQUE INDEX recovery_flows_secret ON recovery_flows (tenant_id, secret_hash) WHERE secret_hash IS NOT NULL;

-- duty is what a session must do before anything else: register proofs, choose a new password, add a
-- second factor. '' is nothing.
ALTER TABLE sessions ADD COLUMN duty text COLLATE "C" NOT NULL DEFAULT '' CHECK (duty IN ('', 'register', 'password', 'factor'));

-- +goose StatementBegin
CREATE FUNCTION remove_challenges(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.challenges WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.challenges WHERE expires_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
CREATE FUNCTION remove_recovery_blocks(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.recovery_blocks WHERE (tenant_id, key) IN
      (SELECT tenant_id, key FROM public.recovery_blocks
        WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 hour'))
          AND coalesce(blocked_until, ends_at) < (SELECT least(before, clock_timestamp() - interval '1 hour')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON challenges, recovery_blocks TO portico_maintenance;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['challenges', 'recovery_blocks'] LOOP
    EXECUTE format('CREATE POLICY maintenance_reads ON %I FOR SELECT TO portico_maintenance USING (true)', t);
    EXECUTE format('CREATE POLICY maintenance_removes ON %I FOR DELETE TO portico_maintenance USING (true)', t);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION remove_%s FROM PUBLIC', t);
    EXECUTE format('GRANT EXECUTE ON FUNCTION remove_%s TO portico_platform', t);
    EXECUTE format('ALTER FUNCTION remove_%s OWNER TO portico_maintenance', t);
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
