-- +goose Up

-- sender_domains: the domains that a tenant's mail comes from, and what Amazon SES says of them. An identity
-- is one in a region of SES, whoever asked for it; hence each tenant proves for itself that the domain is its
-- own, and one that SES verified for somebody else is of no use to it.
CREATE TABLE sender_domains (
  tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  domain       text COLLATE "C" NOT NULL CHECK (length(domain) BETWEEN 3 AND 253),
  from_address text NOT NULL,    -- the last sender that the tenant's file named at this domain
  wanted       boolean NOT NULL, -- the file names it now
  state        text COLLATE "C" NOT NULL CHECK (state IN ('claimed', 'asking', 'pending', 'verified', 'failed', 'lost', 'retired')),
  state_since  timestamptz NOT NULL,

  challenge     text COLLATE "C" NOT NULL, -- what the TXT record at _portico-verify.<domain> says
  owned_by      text COLLATE "C" NOT NULL DEFAULT '' CHECK (owned_by IN ('', 'host', 'txt', 'operator')),
  owned_at      timestamptz,    -- proven first
  owned_seen_at timestamptz,    -- proven last
  unowned_since timestamptz,    -- the proof was looked for and is gone

  dkim_tokens   text[] COLLATE "C" NOT NULL DEFAULT '{}',
  asked_at      timestamptz, -- SES was asked, and answered with the tokens
  mail_from     text COLLATE "C" NOT NULL DEFAULT '',
  mail_from_at  timestamptz, -- SES was told of it
  ses_identity  text COLLATE "C" NOT NULL DEFAULT '', -- the words of SES: Pending, Success, TemporaryFailure, Failed, NotStarted
  ses_dkim      text COLLATE "C" NOT NULL DEFAULT '',
  ses_mail_from text COLLATE "C" NOT NULL DEFAULT '',
  checked_at    timestamptz, -- SES answered last
  verified_at   timestamptz,
  trouble       text NOT NULL DEFAULT '' CHECK (length(trouble) <= 200), -- why the last step was not taken
  trouble_at    timestamptz,
  tries         int NOT NULL DEFAULT 0, -- since something last changed
  due_at        timestamptz,            -- when a worker looks next; NULL: there is nothing to do
  PRIMARY KEY (tenant_id, domain)
);
CREATE INDEX sender_domains_due ON sender_domains (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sender_domains_domain ON sender_domains (domain);

-- Who sent from an address of their own goes on doing so: the operator had it verified by hand.
ALTER TABLE settings NO FORCE ROW LEVEL SECURITY;
INSERT INTO sender_domains (tenant_id, domain, from_address, wanted, state, state_since, challenge, owned_by, owned_at, owned_seen_at, verified_at, due_at)
SELECT tenant_id, lower(split_part(document->>'from', '@', 2)), document->>'from', true, 'verified', created_at,
  'portico-verify=' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'operator', created_at, created_at, created_at, created_at
FROM (SELECT DISTINCT ON (tenant_id) tenant_id, document, created_at FROM settings WHERE subject = 'sender' ORDER BY tenant_id, version DESC) newest
WHERE document->>'transport' IN ('ses', 'platform') AND lower(split_part(document->>'from', '@', 2)) ~ '^[a-z0-9.-]{3,253}$';
ALTER TABLE settings FORCE ROW LEVEL SECURITY;

SELECT raise_wall('sender_domains');
GRANT SELECT, INSERT, UPDATE ON sender_domains TO portico_app;
CREATE POLICY platform ON sender_domains FOR SELECT TO portico_platform USING (true);
GRANT SELECT (tenant_id, domain, wanted, state, due_at) ON sender_domains TO portico_platform;

-- senders: a tenant's mail as a whole: its configuration set at SES, and whether it rests because too much of
-- it came back or was called unwanted. No row: nothing is known, nothing rests.
CREATE TABLE senders (
  tenant_id         uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  configuration_set text COLLATE "C" NOT NULL DEFAULT '', -- '' until it and its event destination are made
  level             text COLLATE "C" NOT NULL DEFAULT 'ok' CHECK (level IN ('ok', 'warned', 'paused', 'stopped')),
  cause             text COLLATE "C" NOT NULL DEFAULT '' CHECK (cause IN ('', 'bounces', 'complaints')),
  since             timestamptz,            -- of the level
  counts_from       timestamptz,            -- what came before counts no more: somebody resumed
  sent              int NOT NULL DEFAULT 0, -- figures of the last look
  bounced           int NOT NULL DEFAULT 0,
  complained        int NOT NULL DEFAULT 0,
  looked_at         timestamptz,
  due_at            timestamptz,            -- when a worker looks next at the figures
  PRIMARY KEY (tenant_id)
);
CREATE INDEX senders_due ON senders (due_at) WHERE due_at IS NOT NULL;
SELECT raise_wall('senders');
GRANT SELECT, INSERT, UPDATE ON senders TO portico_app;
CREATE POLICY platform ON senders FOR SELECT TO portico_platform USING (true);
GRANT SELECT (tenant_id, level, due_at) ON senders TO portico_platform;

-- suppressions: addresses that get no letters of this tenant, because one came back for good or was called
-- unwanted. One letter may go in spite of it because the person asked for it, and one because an
-- administrator did.
CREATE TABLE suppressions (
  tenant_id     uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  address       text COLLATE "C" NOT NULL CHECK (length(address) BETWEEN 3 AND 320), -- ASCII letters small
  cause         text COLLATE "C" NOT NULL CHECK (cause IN ('bounced', 'complained')),
  word          text NOT NULL DEFAULT '' CHECK (length(word) <= 500), -- the carrier's
  letter_id     uuid,                 -- that told it; it may be gone
  since         timestamptz NOT NULL,
  person_letter uuid,                 -- the one that the person asked for
  admin_at      timestamptz,          -- an administrator let one go
  admin_by      text COLLATE "C" NOT NULL DEFAULT '',
  admin_letter  uuid,                 -- the one that went
  PRIMARY KEY (tenant_id, address)
);
CREATE INDEX suppressions_since ON suppressions (tenant_id, since);
CREATE INDEX suppressions_retention ON suppressions (since);
ALTER TABLE account_identifiers NO FORCE ROW LEVEL SECURITY;
INSERT INTO suppressions (tenant_id, address, cause, since)
SELECT tenant_id, lower(value COLLATE "C"), bounced_as, bounced_at FROM account_identifiers
WHERE bounced_at IS NOT NULL AND bounced_as <> '' AND kind = 'email' AND length(value) BETWEEN 3 AND 320
ON CONFLICT DO NOTHING;
ALTER TABLE account_identifiers FORCE ROW LEVEL SECURITY;
SELECT raise_wall('suppressions');
GRANT SELECT, INSERT, UPDATE, DELETE ON suppressions TO portico_app;

CREATE FUNCTION remove_suppressions(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.suppressions WHERE (tenant_id, address) IN
      (SELECT tenant_id, address FROM public.suppressions WHERE since < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
GRANT SELECT, DELETE ON suppressions TO portico_maintenance;
CREATE POLICY maintenance_reads ON suppressions FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON suppressions FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_suppressions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_suppressions TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_suppressions OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;

-- With which sender a letter left: its address, and which of the tenant's possible senders that is.
ALTER TABLE letters
  ADD COLUMN sent_from text NOT NULL DEFAULT '',
  ADD COLUMN sent_as   text COLLATE "C" NOT NULL DEFAULT '';

-- Workers walk the tenants that changed.
CREATE INDEX tenants_updated ON tenants (updated_at, id);

-- platform.sender_work: one row. Of all instances one at a time speaks to SES about identities, and no two
-- calls come closer than a second, which is what SES allows an account. All times are real ones.
CREATE TABLE platform.sender_work (
  single       boolean PRIMARY KEY DEFAULT true CHECK (single),
  holder       uuid,
  lease_until  timestamptz,
  next_call_at timestamptz,
  seen_until   timestamptz, -- tenants that changed before were looked at
  seen_id      uuid
);
INSERT INTO platform.sender_work DEFAULT VALUES;
GRANT SELECT, UPDATE ON platform.sender_work TO portico_platform;
