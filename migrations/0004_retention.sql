-- +goose Up
-- Retention: what has ended goes, in batches, by functions of a role that nobody signs in as. The
-- platform's role may call them; the application can remove none of these rows by itself (limits and
-- known devices apart).
GRANT SELECT, DELETE ON sessions, links, recovery_flows, known_devices, limits, letters, audit_events TO portico_maintenance;
GRANT SELECT, DELETE ON platform.letters, platform.audit_events, platform.limits TO portico_maintenance;

-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['sessions', 'links', 'recovery_flows', 'known_devices', 'limits', 'letters', 'audit_events'] LOOP
    EXECUTE format('CREATE POLICY maintenance_reads ON %I FOR SELECT TO portico_maintenance USING (true)', t);
    EXECUTE format('CREATE POLICY maintenance_removes ON %I FOR DELETE TO portico_maintenance USING (true)', t);
  END LOOP;
END $$;
-- +goose StatementEnd

CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX audit_events_age ON audit_events (tenant_id, at);
CREATE INDEX platform_limits_retention ON platform.limits (ends_at);

-- Each function removes at most max_rows rows that ended before the given time and returns how many;
-- the caller repeats it, each time in a transaction of its own, until that is fewer than max_rows.
-- Whatever time the caller names, what ended within the last day by the server's own clock stays (within
-- the last hour of limits, the last seven days of audit): code or a clock that went wrong cannot remove
-- what still counts. The bound is a sub-select, so that it is computed once and indexes serve it.

-- Sessions by their absolute end or by sign-out. Those that merely fell idle wait for their absolute
-- end: an index on idle_ends_at would cost every request that moves it.
-- +goose StatementBegin
CREATE FUNCTION remove_sessions(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH ended AS (
    (SELECT tenant_id, id_hash FROM public.sessions WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows)
    UNION
    (SELECT tenant_id, id_hash FROM public.sessions WHERE ended_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows)
    LIMIT max_rows
  ), removed AS (
    DELETE FROM public.sessions WHERE (tenant_id, id_hash) IN (SELECT tenant_id, id_hash FROM ended) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- Links by their expiry even when they ended earlier: until then they explain themselves.
-- +goose StatementBegin
CREATE FUNCTION remove_links(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.links WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.links WHERE expires_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- Flows that no link points to any more: removing one would take its links along.
-- +goose StatementBegin
CREATE FUNCTION remove_recovery_flows(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.recovery_flows WHERE (tenant_id, id) IN
      (SELECT f.tenant_id, f.id FROM public.recovery_flows f WHERE f.expires_at < (SELECT least(before, clock_timestamp() - interval '1 day')) AND NOT EXISTS
        (SELECT FROM public.links l WHERE l.tenant_id = f.tenant_id AND l.flow_id = f.id) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION remove_known_devices(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.known_devices WHERE (tenant_id, id_hash, account_id) IN
      (SELECT tenant_id, id_hash, account_id FROM public.known_devices WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION remove_limits(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.limits WHERE (tenant_id, key) IN
      (SELECT tenant_id, key FROM public.limits
        WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 hour')) AND coalesce(blocked_until, ends_at) < (SELECT least(before, clock_timestamp() - interval '1 hour')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION remove_platform_limits(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM platform.limits WHERE key IN
      (SELECT key FROM platform.limits
        WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 hour')) AND coalesce(blocked_until, ends_at) < (SELECT least(before, clock_timestamp() - interval '1 hour')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION remove_letters(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.letters WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.letters WHERE ended_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION remove_platform_letters(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM platform.letters WHERE id IN
      (SELECT id FROM platform.letters WHERE ended_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- Audit rows go by the retention that each tenant chose; the last seven days stay, so that code that
-- went wrong cannot wipe out its traces.
-- +goose StatementBegin
CREATE FUNCTION remove_audit_events(tenant uuid, before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.audit_events WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.audit_events
        WHERE tenant_id = tenant AND at < (SELECT least(before, clock_timestamp() - interval '7 days')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION remove_platform_audit_events(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM platform.audit_events WHERE id IN
      (SELECT id FROM platform.audit_events
        WHERE at < (SELECT least(before, clock_timestamp() - interval '7 days')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd

-- retention_sizes: for metrics, each kept table with PostgreSQL's own estimate of its rows and the
-- earliest time by which its rows are judged; NULL when it is empty.
-- +goose StatementBegin
CREATE FUNCTION retention_sizes() RETURNS TABLE (name text, estimated_rows bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT t.name, greatest(c.reltuples, 0)::bigint, t.oldest
  FROM (VALUES
    ('sessions',              'public.sessions'::regclass,       (SELECT min(ends_at) FROM public.sessions)),
    ('links',                 'public.links',                    (SELECT min(expires_at) FROM public.links)),
    ('recovery_flows',        'public.recovery_flows',           (SELECT min(expires_at) FROM public.recovery_flows)),
    ('known_devices',         'public.known_devices',            (SELECT min(ends_at) FROM public.known_devices)),
    ('limits',                'public.limits',                   (SELECT min(ends_at) FROM public.limits)),
    ('letters',               'public.letters',                  (SELECT min(ended_at) FROM public.letters)),
    ('audit_events',          'public.audit_events',             (SELECT min(at) FROM public.audit_events)),
    ('platform.limits',       'platform.limits',                 (SELECT min(ends_at) FROM platform.limits)),
    ('platform.letters',      'platform.letters',                (SELECT min(ended_at) FROM platform.letters)),
    ('platform.audit_events', 'platform.audit_events',           (SELECT min(at) FROM platform.audit_events))
  ) AS t (name, class, oldest) JOIN pg_class c ON c.oid = t.class
$$;
-- +goose StatementEnd

-- A function's new owner needs CREATE on its schema at that moment, and not a moment longer.
GRANT CREATE ON SCHEMA public TO portico_maintenance;
-- +goose StatementBegin
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND (p.proname LIKE 'remove\_%' OR p.proname = 'retention_sizes') LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO portico_platform', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO portico_maintenance', f);
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
