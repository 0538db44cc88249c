-- +goose Up

-- look_drafts: a look or texts that nobody sees yet. Every save gives the draft a new stamp; who saves names
-- the stamp that they saw, so that of two editors at once the second learns of the first.
CREATE TABLE look_drafts (
  tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  subject      text COLLATE "C" NOT NULL CHECK (subject IN ('theme', 'words')),
  document     jsonb NOT NULL,
  base_version bigint NOT NULL CHECK (base_version >= 0), -- of the setting that it began from; 0: there was none
  stamp        uuid NOT NULL,
  edited_by    text NOT NULL, -- audit.AccountActor
  edited_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, subject)
);
SELECT raise_wall('look_drafts');
GRANT SELECT, INSERT, UPDATE, DELETE ON look_drafts TO portico_app;

-- look_previews: a draft as it was when somebody made a link to it, for people without the console.
CREATE TABLE look_previews (
  tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id         uuid NOT NULL,
  hash       bytea NOT NULL CHECK (octet_length(hash) = 32), -- SHA-256 of the link's secret
  theme      jsonb NOT NULL,
  words      jsonb NOT NULL,
  made_by    text NOT NULL,
  created_at timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, hash),
  CHECK (ends_at > created_at)
);
CREATE INDEX look_previews_end ON look_previews (ends_at);
SELECT raise_wall('look_previews');
GRANT SELECT, INSERT, UPDATE, DELETE ON look_previews TO portico_app;

-- +goose StatementBegin
CREATE FUNCTION remove_look_previews(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.look_previews WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.look_previews WHERE ends_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON look_previews TO portico_maintenance;
CREATE POLICY maintenance_reads ON look_previews FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON look_previews FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_look_previews FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_look_previews TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_look_previews OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
