-- +goose Up
-- The platform's own people. They belong to no tenant: their accounts, sessions and links stand in the
-- schema platform, which portico_app reaches through portico_platform alone (tenants.AcrossAll).

CREATE TABLE platform.staff (
  id            uuid PRIMARY KEY,
  email         text COLLATE "C" NOT NULL,
  norm          text COLLATE "C" NOT NULL UNIQUE, -- as accounts.Storable makes it
  name          text NOT NULL,
  role          text COLLATE "C" NOT NULL CHECK (role IN ('owner', 'onboarding', 'support', 'auditor')),
  status        text COLLATE "C" NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
  password      bytea,               -- a PHC string sealed with the pepper's key; NULL before the first link was used
  totp          bytea,               -- the app's secret, sealed; set together with the password
  last_step     bigint NOT NULL DEFAULT 0, -- of the app's codes: each works once
  stamp         bigint NOT NULL DEFAULT 1, -- rises with everything that ends sessions
  created_at    timestamptz NOT NULL,
  created_by    text NOT NULL,
  signed_in_at  timestamptz,
  CHECK ((password IS NULL) = (totp IS NULL))
);

-- A session is 'factor' between the right password and the right code, and 'in' afterwards, under a new secret.
CREATE TABLE platform.staff_sessions (
  id_hash          bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
  public_id        uuid NOT NULL UNIQUE,
  staff_id         uuid NOT NULL REFERENCES platform.staff (id) ON DELETE CASCADE,
  stamp            bigint NOT NULL,
  step             text COLLATE "C" NOT NULL CHECK (step IN ('factor', 'in')),
  tries            int NOT NULL DEFAULT 0, -- wrong codes of a session on its way
  user_agent       text NOT NULL,
  client_address   text NOT NULL,
  authenticated_at timestamptz NOT NULL,
  proved_at        timestamptz NOT NULL,   -- when a code of the app was last right
  seen_at          timestamptz NOT NULL,
  idle_ends_at     timestamptz NOT NULL,
  ends_at          timestamptz NOT NULL,
  ended_at         timestamptz
);
CREATE INDEX staff_sessions_staff ON platform.staff_sessions (staff_id);
CREATE INDEX staff_sessions_retention ON platform.staff_sessions (ends_at);

-- A link with which somebody sets a password and an authenticator app; the newest alone holds.
CREATE TABLE platform.staff_links (
  token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  staff_id   uuid NOT NULL REFERENCES platform.staff (id) ON DELETE CASCADE,
  totp       bytea NOT NULL, -- the secret that the app is to hold, sealed
  tries      int NOT NULL DEFAULT 0,
  issued_at  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,
  ended_as   text COLLATE "C" NOT NULL DEFAULT '' CHECK (ended_as IN ('', 'used', 'replaced', 'revoked'))
);
CREATE UNIQUE INDEX staff_links_one ON platform.staff_links (staff_id) WHERE ended_at IS NULL;
CREATE INDEX staff_links_retention ON platform.staff_links (expires_at);

-- How far a new customer has come: what staff chose or saw, beside what can be read from the tenant itself.
CREATE TABLE platform.onboarding (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  step      text COLLATE "C" NOT NULL CHECK (step ~ '^[a-z_]{1,40}$'),
  done_at   timestamptz NOT NULL,
  done_by   text NOT NULL,
  details   jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, step)
);

GRANT SELECT, INSERT, UPDATE ON platform.staff, platform.staff_sessions, platform.staff_links TO portico_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.onboarding TO portico_platform;
GRANT SELECT, DELETE ON platform.staff_sessions, platform.staff_links TO portico_maintenance;

-- The list of customers: by name, narrowed by state, by the beginning of slug or name.
ALTER TABLE tenants ADD COLUMN sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(name COLLATE "C")) STORED;
ALTER TABLE tenants ADD COLUMN closed_at timestamptz; -- when it last stopped being live: no session from before counts any more
ALTER TABLE tenants ADD COLUMN leaves_at timestamptz; -- of one that is leaving: from then on its rows may go
CREATE INDEX tenants_by_name ON tenants (sort_name, id);
CREATE INDEX hosts_by_name ON hosts (host);
CREATE INDEX tenants_by_state ON tenants (state, sort_name, id);

-- Access of the platform's staff to one tenant: asked for with a reason, perhaps approved by the tenant, with an end.
-- It stands inside the wall: the tenant sees it.
CREATE TABLE staff_access (
  tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id          uuid NOT NULL,
  staff_id    uuid NOT NULL,            -- of platform.staff; no foreign key: the wall lies between
  staff_name  text NOT NULL,            -- as it was then
  level       text COLLATE "C" NOT NULL CHECK (level IN ('read', 'help', 'manage')),
  reason      text NOT NULL CHECK (reason <> ''),
  hours       int NOT NULL CHECK (hours BETWEEN 1 AND 72),
  asked_at    timestamptz NOT NULL,
  granted_at  timestamptz,              -- at once, or when the tenant approved
  granted_by  uuid,                     -- account of the tenant that approved; NULL: none was needed
  ends_at     timestamptz,              -- granted_at + hours
  ended_at    timestamptz,              -- before its time: ended or refused
  ended_by    text NOT NULL DEFAULT '', -- actor
  account_id  uuid,                     -- the account that stands for them at the tenant
  entry_hash  bytea,                    -- of a token that opens the tenant's console once
  entry_ends_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX staff_access_open ON staff_access (tenant_id, asked_at) WHERE ended_at IS NULL;
SELECT raise_wall('staff_access');
GRANT SELECT, INSERT, UPDATE ON staff_access TO portico_app;
-- What the workers look for: access that ended, whose account is to go.
CREATE INDEX staff_access_staff ON staff_access (staff_id) WHERE ended_at IS NULL;
CREATE INDEX staff_access_over ON staff_access (ends_at) WHERE account_id IS NOT NULL;
GRANT SELECT (tenant_id, id, staff_id, asked_at, ends_at, ended_at, account_id) ON staff_access TO portico_platform;
CREATE POLICY platform_reads ON staff_access FOR SELECT TO portico_platform USING (true);

-- +goose StatementBegin
CREATE FUNCTION remove_staff_sessions(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM platform.staff_sessions WHERE id_hash IN
      (SELECT id_hash FROM platform.staff_sessions WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION remove_staff_links(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM platform.staff_links WHERE token_hash IN
      (SELECT token_hash FROM platform.staff_links WHERE expires_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION remove_staff_sessions(timestamptz, int), remove_staff_links(timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_staff_sessions(timestamptz, int), remove_staff_links(timestamptz, int) TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_staff_sessions(timestamptz, int) OWNER TO portico_maintenance;
ALTER FUNCTION remove_staff_links(timestamptz, int) OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;

CREATE INDEX platform_audit_events_tenant ON platform.audit_events (tenant_id, id);
