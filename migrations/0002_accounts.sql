-- +goose Up
-- groups is the tree below a tenant (location, department); a role may be assigned within one.
CREATE TABLE groups (
  tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id          uuid NOT NULL,
  parent_id   uuid,
  kind        text NOT NULL CHECK (kind IN ('location', 'department', 'group')),
  name        text NOT NULL,
  external_id text COLLATE "C",
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES groups (tenant_id, id),
  UNIQUE (tenant_id, external_id),
  CHECK (parent_id IS DISTINCT FROM id)
);
SELECT raise_wall('groups');
GRANT SELECT, INSERT, UPDATE, DELETE ON groups TO portico_app;

-- accounts are the people who can sign in at one tenant.
CREATE TABLE accounts (
  tenant_id       uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id              uuid NOT NULL,
  external_id     text COLLATE "C",
  display_name    text NOT NULL,
  locale          text NOT NULL DEFAULT '',
  status          text NOT NULL CHECK (status IN ('active', 'disabled')),
  sign_in         text NOT NULL CHECK (sign_in IN ('local', 'sso')),
  stamp           bigint NOT NULL DEFAULT 1, -- rises with every change that must end sessions and links
  password        bytea,                     -- PHC string sealed with the pepper's key, bound to tenant and account
  password_set_at timestamptz,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, external_id)
);
SELECT raise_wall('accounts');
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts TO portico_app;
CREATE POLICY platform ON accounts FOR SELECT TO portico_platform USING (true);
GRANT SELECT (tenant_id, id, status, locale) ON accounts TO portico_platform;

-- account_identifiers: what a person types to be found. norm is made in Go (accounts.NormalizeEmail
-- and its siblings); value is what is shown and where mail goes.
CREATE TABLE account_identifiers (
  tenant_id   uuid NOT NULL,
  kind        text COLLATE "C" NOT NULL CHECK (kind IN ('email', 'username', 'user_id')),
  norm        text COLLATE "C" NOT NULL CHECK (norm <> ''),
  value       text NOT NULL,
  account_id  uuid NOT NULL,
  verified_at timestamptz,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, kind, norm),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX account_identifiers_account ON account_identifiers (tenant_id, account_id);
CREATE INDEX account_identifiers_across ON account_identifiers (kind, norm);
SELECT raise_wall('account_identifiers');
GRANT SELECT, INSERT, UPDATE, DELETE ON account_identifiers TO portico_app;
CREATE POLICY platform ON account_identifiers FOR SELECT TO portico_platform USING (true);
GRANT SELECT (tenant_id, kind, norm, value, account_id) ON account_identifiers TO portico_platform;

CREATE TABLE account_groups (
  tenant_id  uuid NOT NULL,
  account_id uuid NOT NULL,
  group_id   uuid NOT NULL,
  PRIMARY KEY (tenant_id, account_id, group_id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, group_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX account_groups_group ON account_groups (tenant_id, group_id);
SELECT raise_wall('account_groups');
GRANT SELECT, INSERT, DELETE ON account_groups TO portico_app;

-- role_assignments: a role, in the whole tenant (scope_id NULL) or in one group and what is below it.
CREATE TABLE role_assignments (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  account_id uuid NOT NULL,
  role       text COLLATE "C" NOT NULL,
  scope_id   uuid,
  ends_at    timestamptz,
  granted_by text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE NULLS NOT DISTINCT (tenant_id, account_id, role, scope_id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, scope_id) REFERENCES groups (tenant_id, id) ON DELETE CASCADE
);
SELECT raise_wall('role_assignments');
GRANT SELECT, INSERT, UPDATE, DELETE ON role_assignments TO portico_app;

-- account_locks counts failed proofs of identity, apart for each device that the person signed in from
-- before ('known:' and the first 8 bytes of its hash) and for all others together: neither a stranger's
-- guesses nor those from another known device lock the owner out.
CREATE TABLE account_locks (
  tenant_id      uuid NOT NULL,
  account_id     uuid NOT NULL,
  device         text COLLATE "C" NOT NULL CHECK (device = 'unknown' OR device ~ '^known:[0-9a-f]{16}$'),
  failures       int NOT NULL DEFAULT 0,   -- since the last success
  window_count   int NOT NULL DEFAULT 0,   -- since the last lock
  locks          int NOT NULL DEFAULT 0,   -- locks in a row, for growing durations
  recent         bytea[] NOT NULL DEFAULT '{}', -- keyed hashes of the last wrong passwords
  last_failed_at timestamptz,
  locked_until   timestamptz,
  announced_at   timestamptz,
  PRIMARY KEY (tenant_id, account_id, device),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
SELECT raise_wall('account_locks');
GRANT SELECT, INSERT, UPDATE, DELETE ON account_locks TO portico_app;

CREATE TABLE sessions (
  tenant_id        uuid NOT NULL,
  id_hash          bytea NOT NULL CHECK (octet_length(id_hash) = 32), -- SHA-256 of the cookie's value
  public_id        uuid NOT NULL,   -- names it on /account and in the audit
  account_id       uuid NOT NULL,
  stamp            bigint NOT NULL, -- equals accounts.stamp while it holds
  remembered       boolean NOT NULL,
  amr              text[] NOT NULL,
  user_agent       text NOT NULL,
  client_address   text NOT NULL,
  authenticated_at timestamptz NOT NULL,
  seen_at          timestamptz NOT NULL,
  idle_ends_at     timestamptz NOT NULL,
  ends_at          timestamptz NOT NULL,
  ended_at         timestamptz,
  ended_reason     text,
  PRIMARY KEY (tenant_id, id_hash),
  UNIQUE (tenant_id, public_id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_account ON sessions (tenant_id, account_id);
CREATE INDEX sessions_retention ON sessions (ends_at);
SELECT raise_wall('sessions');
GRANT SELECT, INSERT, UPDATE ON sessions TO portico_app;

-- known_devices: browsers in which the person has signed in before.
CREATE TABLE known_devices (
  tenant_id  uuid NOT NULL,
  id_hash    bytea NOT NULL CHECK (octet_length(id_hash) = 32),
  account_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id_hash, account_id), -- one browser, several people
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX known_devices_account ON known_devices (tenant_id, account_id);
CREATE INDEX known_devices_retention ON known_devices (ends_at);
SELECT raise_wall('known_devices');
GRANT SELECT, INSERT, UPDATE, DELETE ON known_devices TO portico_app;

-- recovery_flows: somebody on the way back in. Any instance may serve any step. account_id is NULL
-- for an unknown identifier: a stranger's request costs the same rows as the owner's.
CREATE TABLE recovery_flows (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  account_id uuid,
  gates      jsonb NOT NULL DEFAULT '[]', -- proofs passed so far: [{"kind","family","at"}]
  known      boolean NOT NULL,            -- asked from a device of the owner
  return_to  text NOT NULL DEFAULT '',    -- where they wanted to go when they found themselves locked out
  started_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,
  outcome    text CHECK (outcome IN ('reset', 'unlocked', 'replaced', 'revoked')),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX recovery_flows_account ON recovery_flows (tenant_id, account_id);
CREATE INDEX recovery_flows_retention ON recovery_flows (expires_at);
SELECT raise_wall('recovery_flows');
GRANT SELECT, INSERT, UPDATE ON recovery_flows TO portico_app;

-- links: mailed links by the SHA-256 of their token. One that ended says why: used_at, replaced_at
-- (a newer mail), revoked_at (the password or the account changed), or expires_at.
CREATE TABLE links (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  hash        bytea NOT NULL CHECK (octet_length(hash) = 32),
  purpose     text COLLATE "C" NOT NULL CHECK (purpose IN ('recovery', 'unlock')),
  account_id  uuid,
  flow_id     uuid,
  stamp       bigint NOT NULL,
  known       boolean NOT NULL,
  issued_at   timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz,
  replaced_at timestamptz,
  revoked_at  timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, hash),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, flow_id) REFERENCES recovery_flows (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX links_account ON links (tenant_id, account_id, purpose, issued_at DESC);
-- At most one link of a purpose stands, also when two are asked for at once.
CREATE UNIQUE INDEX links_standing ON links (tenant_id, account_id, purpose)
  WHERE used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL;
CREATE INDEX links_flow ON links (tenant_id, flow_id);
CREATE INDEX links_retention ON links (expires_at);
SELECT raise_wall('links');
GRANT SELECT, INSERT, UPDATE ON links TO portico_app;
