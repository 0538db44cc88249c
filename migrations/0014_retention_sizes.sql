-- +goose Up
-- retention_sizes, with the tables that came since: each kept table with PostgreSQL's own estimate of its
-- rows and the earliest time by which its rows are judged; NULL when it is empty.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION retention_sizes() RETURNS TABLE (name text, estimated_rows bigint, oldest timestamptz)
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
    ('challenges',            'public.challenges',               (SELECT min(expires_at) FROM public.challenges)),
    ('recovery_blocks',       'public.recovery_blocks',          (SELECT min(ends_at) FROM public.recovery_blocks)),
    ('captchas_spent',        'public.captchas_spent',           (SELECT min(ends_at) FROM public.captchas_spent)),
    ('platform.limits',       'platform.limits',                 (SELECT min(ends_at) FROM platform.limits)),
    ('platform.letters',      'platform.letters',                (SELECT min(ended_at) FROM platform.letters)),
    ('platform.audit_events', 'platform.audit_events',           (SELECT min(at) FROM platform.audit_events))
  ) AS t (name, class, oldest) JOIN pg_class c ON c.oid = t.class
$$;
-- +goose StatementEnd
