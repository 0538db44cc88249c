-- +goose Up
-- A customer who left: every row with their tenant_id goes, in pieces, by a function of the maintenance role, which
-- removes nothing of anybody whose time has not come by the server's own clock. What is left is a line that says that
-- they are gone, and how many rows of each table went.

CREATE TABLE platform.departures (
  tenant_id  uuid PRIMARY KEY,
  slug       text COLLATE "C" NOT NULL,
  removed    jsonb NOT NULL DEFAULT '{}', -- table → rows
  began_at   timestamptz NOT NULL,
  ended_at   timestamptz                  -- when a look at all tables found nothing any more
);
GRANT SELECT, INSERT, UPDATE ON platform.departures TO portico_platform, portico_maintenance;
GRANT USAGE ON SCHEMA platform TO portico_maintenance;
GRANT SELECT, DELETE ON tenants, hosts, platform.onboarding TO portico_maintenance;

-- open_departure lets the maintenance role see and remove the rows of the one tenant that remove_tenant names. Every
-- migration that adds a table with a tenant_id calls it; a test walks the tables.
-- +goose StatementBegin
CREATE FUNCTION open_departure(t regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('GRANT SELECT, DELETE ON %s TO portico_maintenance', t);
  IF (SELECT relrowsecurity FROM pg_class WHERE oid = t) THEN
    EXECUTE format($p$CREATE POLICY departure_reads ON %s FOR SELECT TO portico_maintenance
      USING (tenant_id = nullif(current_setting('app.departing', true), '')::uuid)$p$, t);
    EXECUTE format($p$CREATE POLICY departure_removes ON %s FOR DELETE TO portico_maintenance
      USING (tenant_id = nullif(current_setting('app.departing', true), '')::uuid)$p$, t);
  END IF;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION open_departure(regclass) FROM PUBLIC;

-- tenant_tables are the tables that hold rows of tenants, but for the directory's own row. What the platform notes of a
-- tenant for itself (its audit, this departure) stays.
-- +goose StatementBegin
CREATE FUNCTION tenant_tables() RETURNS SETOF regclass LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND (c.relnamespace = 'public'::regnamespace OR c.relnamespace = 'platform'::regnamespace AND c.relname NOT IN ('audit_events', 'departures'))
  ORDER BY c.relnamespace, c.relname
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION tenant_tables() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_tables() TO portico_maintenance;

-- +goose StatementBegin
DO $$
DECLARE t regclass;
BEGIN
  FOR t IN SELECT tenant_tables() LOOP
    PERFORM open_departure(t);
  END LOOP;
END $$;
-- +goose StatementEnd

-- remove_tenant removes at most about max_rows rows of a tenant that is leaving and whose time has come, and answers how
-- many; 0 means that nothing is left but the tenant's own row, which goes with that last call, and the departure is
-- noted as ended. A tenant that is not leaving, or not yet, is an error.
-- +goose StatementBegin
CREATE FUNCTION remove_tenant(gone uuid, at timestamptz, max_rows int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  t regclass;
  n bigint;
  total int := 0;
  was text;
BEGIN
  SELECT slug INTO was FROM public.tenants
    WHERE id = gone AND state = 'leaving' AND leaves_at <= least(at, clock_timestamp());
  IF was IS NULL THEN
    RAISE EXCEPTION 'tenant % is not leaving, or not yet', gone USING ERRCODE = 'P0T01';
  END IF;
  INSERT INTO platform.departures (tenant_id, slug, began_at) VALUES (gone, was, at) ON CONFLICT (tenant_id) DO NOTHING;
  PERFORM set_config('app.departing', gone::text, true);
  FOR t IN SELECT public.tenant_tables() LOOP
    BEGIN
      EXECUTE format('DELETE FROM %s WHERE tenant_id = $1 AND ctid = ANY (ARRAY(SELECT ctid FROM %s WHERE tenant_id = $1 LIMIT $2))', t, t)
        USING gone, max_rows - total;
      GET DIAGNOSTICS n = ROW_COUNT;
    EXCEPTION WHEN foreign_key_violation THEN
      n := 0; -- others point there still; they go first, and this one with a later call
    END;
    IF n > 0 THEN
      UPDATE platform.departures d SET removed = d.removed || jsonb_build_object(t::text, coalesce((d.removed ->> t::text)::bigint, 0) + n) WHERE d.tenant_id = gone;
      total := total + n;
    END IF;
    EXIT WHEN total >= max_rows;
  END LOOP;
  IF total = 0 THEN
    FOR t IN SELECT public.tenant_tables() LOOP
      EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM %s WHERE tenant_id = $1 LIMIT 1) x', t) INTO n USING gone;
      IF n > 0 THEN
        RAISE EXCEPTION 'rows of tenant % are left in % and cannot be removed', gone, t;
      END IF;
    END LOOP;
    DELETE FROM public.tenants WHERE id = gone;
    UPDATE platform.departures SET ended_at = at WHERE tenant_id = gone;
  END IF;
  PERFORM set_config('app.departing', '', true);
  RETURN total;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION remove_tenant(uuid, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_tenant(uuid, timestamptz, int) TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_tenant(uuid, timestamptz, int) OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
