-- +goose Up

-- Imports of people from a file.
-- An import's rows are kept in chunks, sealed with the tenant's key and wiped when it ends well: they hold
-- names, numbers and foreign password hashes. What came of each row (its line, its external_id and why it
-- was refused) stays for the report, a week at most.

CREATE TABLE imports (
  tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id          uuid NOT NULL,
  state       text COLLATE "C" NOT NULL
    CHECK (state IN ('reading', 'mapping', 'judging', 'judged', 'running', 'done', 'cancelled', 'failed')),
  file_name   text NOT NULL,
  headings    jsonb NOT NULL DEFAULT '[]',
  mapping     jsonb NOT NULL DEFAULT '[]',  -- a field for each heading; '' is left out
  options     jsonb NOT NULL DEFAULT '{}',
  counts      jsonb NOT NULL DEFAULT '{}',  -- of the last look at the rows: the dry run, then the run
  foreseen    jsonb NOT NULL DEFAULT '{}',  -- what the dry run said, for comparing
  rows        int NOT NULL DEFAULT 0,
  chunks      int NOT NULL DEFAULT 0,
  next_chunk  int NOT NULL DEFAULT 0,       -- of what is going on: the first that was not committed
  reason      text NOT NULL DEFAULT '',     -- why it failed, or why nobody was disabled
  by_account  uuid,                         -- NULL: an operator on the machine
  by_name     text NOT NULL,
  holder      uuid,                         -- the worker that holds it until due_at
  due_at      timestamptz,                  -- when a worker looks at it next; NULL: there is nothing to do
  waves       text COLLATE "C" NOT NULL DEFAULT '' CHECK (waves IN ('', 'going', 'stopped', 'done')),
  waves_since timestamptz,                  -- when they were last let go: older bounces count no more
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  ended_at    timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX imports_due ON imports (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX imports_list ON imports (tenant_id, created_at DESC);
CREATE INDEX imports_retention ON imports (updated_at);
CREATE UNIQUE INDEX imports_running ON imports (tenant_id) WHERE state = 'running'; -- one at a time
SELECT raise_wall('imports');
GRANT SELECT, INSERT, UPDATE, DELETE ON imports TO portico_app;
-- Workers find what is due among all tenants, and nothing else of it.
CREATE POLICY platform ON imports FOR SELECT TO portico_platform USING (true);
GRANT SELECT (tenant_id, id, due_at) ON imports TO portico_platform;

CREATE TABLE import_chunks (
  tenant_id uuid NOT NULL,
  import_id uuid NOT NULL,
  n         int NOT NULL,  -- from 0, in the order of the file
  sealed    bytea,         -- the rows; NULL once the import has ended well
  verdicts  bytea,         -- what came of each row, sealed; NULL before the dry run
  PRIMARY KEY (tenant_id, import_id, n),
  FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);
SELECT raise_wall('import_chunks');
GRANT SELECT, INSERT, UPDATE, DELETE ON import_chunks TO portico_app;

CREATE TABLE import_invites (
  tenant_id  uuid NOT NULL,
  import_id  uuid NOT NULL,
  account_id uuid NOT NULL,
  link_id    uuid,         -- of the invitation that was written
  sent_at    timestamptz,  -- NULL: its turn is to come
  reason     text COLLATE "C" NOT NULL DEFAULT '', -- why nobody was invited
  PRIMARY KEY (tenant_id, import_id, account_id),
  FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX import_invites_account ON import_invites (tenant_id, account_id);
CREATE INDEX import_invites_waiting ON import_invites (tenant_id, import_id, account_id) WHERE sent_at IS NULL;
CREATE INDEX import_invites_sent ON import_invites (tenant_id, import_id, sent_at DESC) WHERE sent_at IS NOT NULL;
SELECT raise_wall('import_invites');
GRANT SELECT, INSERT, UPDATE, DELETE ON import_invites TO portico_app;

-- What the tenant last said about headings: heading → field, kept for its next file.
CREATE TABLE import_mappings (
  tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  columns    jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id)
);
SELECT raise_wall('import_mappings');
GRANT SELECT, INSERT, UPDATE, DELETE ON import_mappings TO portico_app;

CREATE FUNCTION remove_imports(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.imports WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.imports WHERE updated_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
GRANT SELECT, DELETE ON imports TO portico_maintenance;
CREATE POLICY maintenance_reads ON imports FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON imports FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_imports FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_imports TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_imports OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
