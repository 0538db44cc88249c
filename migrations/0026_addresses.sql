-- +goose Up
-- Addresses: a claim of a custom host is proved by a TXT record that nobody can guess, looked at again
-- and again by workers, and lost when the proof stays away.

ALTER TABLE hosts
  -- 244 random bits, made here so that a claim by an older program or a tenant file has one, too.
  ADD COLUMN challenge     text COLLATE "C" NOT NULL DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
  ADD COLUMN proved_at     timestamptz,            -- when DNS last showed the challenge; NULL beside verified_at: by the operator's word
  ADD COLUMN missing_since timestamptz,            -- since when it is not shown any more
  ADD COLUMN lost_at       timestamptz,            -- when the host stopped serving for that
  ADD COLUMN checked_at    timestamptz,            -- when DNS last gave an answer about the challenge
  ADD COLUMN tried_at      timestamptz,            -- when it was last asked
  ADD COLUMN due_at        timestamptz DEFAULT '1970-01-01 00:00:00+00', -- when a worker asks next; NULL: not by itself
  ADD COLUMN round         bigint NOT NULL DEFAULT 0, -- rises with every check that begins: a slow one does not overwrite a later one
  ADD COLUMN tries         int NOT NULL DEFAULT 0, -- checks in a row that did not find it
  ADD COLUMN moved_at      timestamptz;            -- since when it sends people on to the canonical host
CREATE INDEX hosts_due ON hosts (due_at) WHERE due_at IS NOT NULL;

-- Since when the slug's own address sends people on to the canonical host.
ALTER TABLE tenants ADD COLUMN moved_at timestamptz;

-- What the checklist last found, so that pages show it without asking DNS. place is a host of the tenant,
-- or '' for what its mail needs.
CREATE TABLE host_records (
  tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  place      text COLLATE "C" NOT NULL,
  host       text COLLATE "C" GENERATED ALWAYS AS (nullif(place, '')) STORED,
  item       text COLLATE "C" NOT NULL,
  sort       int NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  name       text NOT NULL,
  expected   text NOT NULL,
  found      text NOT NULL DEFAULT '',
  state      text COLLATE "C" NOT NULL CHECK (state IN ('ok', 'missing', 'wrong', 'conflict', 'unknown')),
  code       text COLLATE "C" NOT NULL,
  checked_at timestamptz,   -- when DNS last answered
  tried_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, place, item),
  FOREIGN KEY (tenant_id, host) REFERENCES hosts (tenant_id, host) ON DELETE CASCADE
);
SELECT raise_wall('host_records');
GRANT SELECT, INSERT, UPDATE, DELETE ON host_records TO portico_app;

-- Links that show a tenant's DNS checklist to whoever looks after its zone: read alone, for a while.
CREATE TABLE platform.dns_shares (
  token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
  id         uuid NOT NULL UNIQUE,
  tenant_id  uuid NOT NULL REFERENCES public.tenants (id) ON DELETE CASCADE,
  made_by    text NOT NULL,
  created_at timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL CHECK (ends_at <= created_at + interval '14 days')
);
CREATE INDEX dns_shares_tenant ON platform.dns_shares (tenant_id);
CREATE INDEX dns_shares_ends ON platform.dns_shares (ends_at);

-- Certificates, their keys and the accounts with authorities, as certmagic names them; every value is sealed.
CREATE TABLE platform.certificate_files (
  name       text COLLATE "C" PRIMARY KEY,
  sealed     bytea NOT NULL,
  size       int NOT NULL,
  changed_at timestamptz NOT NULL
);

-- Who obtains a certificate just now: a lease that its holder prolongs, and that runs out when it is killed.
CREATE TABLE platform.certificate_locks (
  name    text COLLATE "C" PRIMARY KEY,
  holder  uuid NOT NULL,
  ends_at timestamptz NOT NULL
);

-- Names whose certificate could not be had, and until when no instance asks again.
CREATE TABLE platform.certificate_failures (
  name        text COLLATE "C" PRIMARY KEY,
  tries       int NOT NULL, -- in a row
  failed_at   timestamptz NOT NULL,
  rests_until timestamptz NOT NULL
);

-- New certificates that were ordered below the base domain, a week.
CREATE TABLE platform.certificate_orders (
  week   timestamptz PRIMARY KEY, -- its beginning
  orders int NOT NULL
);

-- Certificates that a platform before us looks after (Fly): what was asked of it for which host.
CREATE TABLE platform.edge_certificates (
  host       text COLLATE "C" PRIMARY KEY,
  state      text COLLATE "C" NOT NULL CHECK (state IN ('asked', 'ready', 'failed', 'leaving')),
  detail     text NOT NULL DEFAULT '',
  tries      int NOT NULL DEFAULT 0,
  due_at     timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX edge_certificates_due ON platform.edge_certificates (due_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON platform.dns_shares, platform.certificate_files, platform.certificate_locks, platform.certificate_failures,
  platform.certificate_orders, platform.edge_certificates
  TO portico_platform;
