-- +goose Up
-- The directory: who the customers are and where they answer. These two tables and the schema
-- `platform` are the only ones without a tenant_id; portico_app reaches them through
-- portico_platform alone (tenants.AcrossAll).

GRANT USAGE ON SCHEMA public TO portico_app, portico_platform, portico_maintenance;

CREATE TABLE tenants (
  id             uuid PRIMARY KEY,
  slug           text COLLATE "C" NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name           text NOT NULL,
  state          text NOT NULL CHECK (state IN ('draft', 'live', 'suspended', 'leaving')),
  canonical_host text COLLATE "C" NOT NULL DEFAULT '', -- a verified custom host; '' is the slug's own address
  version        bigint NOT NULL DEFAULT 1,            -- rises with every change that caches must see
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL
);

CREATE TABLE hosts (
  tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  host        text COLLATE "C" NOT NULL,
  verified_at timestamptz,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, host)
);
-- A claim alone reserves nothing: only one tenant may hold a host verified.
CREATE UNIQUE INDEX hosts_verified ON hosts (host) WHERE verified_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, hosts TO portico_platform;

-- raise_wall puts a tenant's table behind row security: the application sees the rows of the
-- tenant that its transaction named, and none when it named none ('' after a commit, hence nullif).
-- +goose StatementBegin
CREATE FUNCTION raise_wall(t regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format($p$CREATE POLICY tenant ON %s TO portico_app
    USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)$p$, t);
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION raise_wall(regclass) FROM PUBLIC;

-- settings holds a tenant's documents, each change a new version: policy, theme, words, sender,
-- portal. The highest version of a subject is in force; the older ones are its history.
CREATE TABLE settings (
  tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  subject    text COLLATE "C" NOT NULL CHECK (subject IN ('policy', 'theme', 'words', 'sender', 'portal')),
  version    bigint NOT NULL CHECK (version > 0),
  document   jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  PRIMARY KEY (tenant_id, subject, version)
);
SELECT raise_wall('settings');
GRANT SELECT, INSERT ON settings TO portico_app;

-- images are the pictures of a theme, addressed by their content.
CREATE TABLE images (
  tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  sha256     bytea NOT NULL CHECK (octet_length(sha256) = 32),
  media_type text NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp', 'image/svg+xml')),
  bytes      bytea NOT NULL CHECK (octet_length(bytes) <= 4194304),
  width      int NOT NULL,
  height     int NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, sha256)
);
SELECT raise_wall('images');
GRANT SELECT, INSERT ON images TO portico_app;
