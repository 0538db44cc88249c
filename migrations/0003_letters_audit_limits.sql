-- +goose Up
CREATE SCHEMA platform;
-- portico_app may name what is in it, since a batch is prepared before its SET LOCAL ROLE runs; every
-- right to a row is portico_platform's.
GRANT USAGE ON SCHEMA platform TO portico_app, portico_platform, portico_maintenance;

-- letters: one message to one person. sealed holds its values (AES-GCM under a key of the tenant,
-- bound to tenant and row) until it was handed over, then NULL.
CREATE TABLE letters (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  kind       text COLLATE "C" NOT NULL,
  lane       text COLLATE "C" NOT NULL CHECK (lane IN ('urgent', 'notice', 'bulk')),
  channel    text COLLATE "C" NOT NULL CHECK (channel IN ('email', 'sms', 'voice')),
  recipient  text NOT NULL,              -- '' for a letter that a stranger's request only pretends to send
  account_id uuid,
  link_id    uuid,                       -- skipped when this link has ended
  event      text COLLATE "C" NOT NULL,  -- one letter per (kind, event, recipient)
  state      text COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'skipped')),
  reason     text NOT NULL DEFAULT '',
  sealed     bytea,
  attempts   int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  message_id text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  sent_at    timestamptz,
  ended_at   timestamptz,                -- sent, failed or skipped
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, kind, event, recipient)
);
CREATE INDEX letters_retention ON letters (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX letters_account ON letters (tenant_id, account_id, created_at DESC);
SELECT raise_wall('letters');
GRANT SELECT, INSERT, UPDATE ON letters TO portico_app;

-- platform.letters: mail that no tenant sends (find my portal).
CREATE TABLE platform.letters (
  id         uuid PRIMARY KEY,
  kind       text COLLATE "C" NOT NULL,
  lane       text COLLATE "C" NOT NULL CHECK (lane IN ('urgent', 'notice', 'bulk')),
  recipient  text NOT NULL,
  event      text COLLATE "C" NOT NULL,
  state      text COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'skipped')),
  reason     text NOT NULL DEFAULT '',
  sealed     bytea,
  attempts   int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  message_id text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  sent_at    timestamptz,
  ended_at   timestamptz,
  UNIQUE (kind, event, recipient)
);
CREATE INDEX platform_letters_retention ON platform.letters (ended_at) WHERE ended_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON platform.letters TO portico_platform;

-- audit_events: what happened. The application may add and read, never change or remove.
CREATE TABLE audit_events (
  tenant_id      uuid NOT NULL,
  id             uuid NOT NULL, -- UUIDv7: in the order of time
  at             timestamptz NOT NULL,
  kind           text COLLATE "C" NOT NULL,
  outcome        text COLLATE "C" NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
  reason         text NOT NULL DEFAULT '',
  actor          text NOT NULL,  -- 'account:<uuid>', 'anonymous', 'operator', 'system'
  account_id     uuid,           -- whom it is about
  client_address text NOT NULL DEFAULT '',
  request_id     text NOT NULL DEFAULT '',
  details        jsonb,          -- before, after, method; never a secret
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_events_account ON audit_events (tenant_id, account_id, id);
CREATE INDEX audit_events_retention ON audit_events (at);
SELECT raise_wall('audit_events');
GRANT SELECT, INSERT ON audit_events TO portico_app;

CREATE TABLE platform.audit_events (
  id             uuid PRIMARY KEY,
  at             timestamptz NOT NULL,
  kind           text COLLATE "C" NOT NULL,
  outcome        text COLLATE "C" NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
  reason         text NOT NULL DEFAULT '',
  actor          text NOT NULL,
  tenant_id      uuid,           -- the tenant that it was about; no wall here, staff alone read it
  client_address text NOT NULL DEFAULT '',
  request_id     text NOT NULL DEFAULT '',
  details        jsonb
);
CREATE INDEX platform_audit_events_retention ON platform.audit_events (at);
GRANT SELECT, INSERT ON platform.audit_events TO portico_platform;

-- limits: fixed windows that begin with their first event. Not logged: a crash of PostgreSQL forgets
-- them, a restart does not; locks, which must survive, live in account_locks.
CREATE UNLOGGED TABLE limits (
  tenant_id     uuid NOT NULL,
  key           bytea NOT NULL, -- keyed hash of counter and subject, never an address in clear
  count         int NOT NULL,
  started_at    timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL,
  blocked_until timestamptz,
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX limits_retention ON limits (ends_at);
SELECT raise_wall('limits');
GRANT SELECT, INSERT, UPDATE, DELETE ON limits TO portico_app;

CREATE UNLOGGED TABLE platform.limits (
  key           bytea PRIMARY KEY,
  count         int NOT NULL,
  started_at    timestamptz NOT NULL,
  ends_at       timestamptz NOT NULL,
  blocked_until timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.limits TO portico_platform;
