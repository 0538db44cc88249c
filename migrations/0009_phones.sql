-- +goose Up
-- A letter with a code is skipped once the code has ended, however late its worker comes.
ALTER TABLE letters ADD COLUMN expires_at timestamptz;

-- phone_hours: how many codes by text and call a tenant bought in an hour, and how many were used. Who buys
-- codes and never uses them is pumping money to a carrier (toll fraud).
CREATE TABLE phone_hours (
  tenant_id uuid NOT NULL,
  hour      timestamptz NOT NULL, -- its beginning
  bought    int NOT NULL DEFAULT 0 CHECK (bought >= 0),
  used      int NOT NULL DEFAULT 0 CHECK (used >= 0),
  PRIMARY KEY (tenant_id, hour)
);
CREATE INDEX phone_hours_retention ON phone_hours (hour);
SELECT raise_wall('phone_hours');
GRANT SELECT, INSERT, UPDATE ON phone_hours TO portico_app;

-- phone_stops: until when a tenant's texts and calls rest. Counting begins anew when a stop ends.
CREATE TABLE phone_stops (
  tenant_id     uuid NOT NULL,
  stopped_at    timestamptz NOT NULL,
  stopped_until timestamptz NOT NULL,
  bought        int NOT NULL, -- of the codes that the stop was judged by
  used          int NOT NULL,
  PRIMARY KEY (tenant_id)
);
SELECT raise_wall('phone_stops');
GRANT SELECT, INSERT, UPDATE ON phone_stops TO portico_app;

-- +goose StatementBegin
CREATE FUNCTION remove_phone_hours(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.phone_hours WHERE (tenant_id, hour) IN
      (SELECT tenant_id, hour FROM public.phone_hours WHERE hour < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON phone_hours TO portico_maintenance;
CREATE POLICY maintenance_reads ON phone_hours FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON phone_hours FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_phone_hours FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_phone_hours TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_phone_hours OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
