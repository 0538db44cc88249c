-- +goose Up
-- captchas_spent: the challenges that were answered, by the SHA-256 of their id. The first answer makes
-- the row, right or wrong, and no second one counts. Challenges that nobody answered have no row: they
-- travel sealed in their own id.
CREATE TABLE captchas_spent (
  tenant_id uuid NOT NULL, -- no foreign key: each would hold the tenant's one row
  id_hash   bytea NOT NULL CHECK (octet_length(id_hash) = 32),
  ends_at   timestamptz NOT NULL, -- of the challenge; from then on it is refused without its row
  PRIMARY KEY (tenant_id, id_hash)
);
CREATE INDEX captchas_spent_retention ON captchas_spent (ends_at);
SELECT raise_wall('captchas_spent');
GRANT SELECT, INSERT ON captchas_spent TO portico_app;

-- Retention as in 0004: what ended within the last hour by the server's own clock stays.
-- +goose StatementBegin
CREATE FUNCTION remove_captchas_spent(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.captchas_spent WHERE (tenant_id, id_hash) IN
      (SELECT tenant_id, id_hash FROM public.captchas_spent
        WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 hour')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON captchas_spent TO portico_maintenance;
CREATE POLICY maintenance_reads ON captchas_spent FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON captchas_spent FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_captchas_spent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_captchas_spent TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_captchas_spent OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
