-- +goose Up

-- A tenant's own roles are a document like its policy: versioned, and known everywhere by its version.
ALTER TABLE settings DROP CONSTRAINT settings_subject_check;
ALTER TABLE settings ADD CONSTRAINT settings_subject_check
  CHECK (subject IN ('policy', 'theme', 'words', 'sender', 'portal', 'roles'));

-- A session in which the console was used ends there after a short rest (security.md 4.3), however long
-- it lasts elsewhere.
ALTER TABLE sessions ADD COLUMN console_seen_at timestamptz;

CREATE INDEX role_assignments_role ON role_assignments (tenant_id, role);
CREATE INDEX groups_parent ON groups (tenant_id, parent_id);

-- access_requests: somebody was refused and asked those who may grant it, with a reason.
CREATE TABLE access_requests (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  account_id uuid NOT NULL,
  permission text COLLATE "C" NOT NULL,
  reason     text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  state      text NOT NULL CHECK (state IN ('open', 'approved', 'declined')),
  role       text COLLATE "C" NOT NULL DEFAULT '', -- what was granted
  scope_id   uuid,
  note       text NOT NULL DEFAULT '' CHECK (length(note) <= 1000),
  decided_by uuid, -- an account; it may be gone since
  decided_at timestamptz,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id) ON DELETE CASCADE,
  CHECK ((state = 'open') = (decided_at IS NULL))
);
-- one open request a person and permission: asking again is no second letter
CREATE UNIQUE INDEX access_requests_open ON access_requests (tenant_id, account_id, permission) WHERE state = 'open';
CREATE INDEX access_requests_state ON access_requests (tenant_id, state, created_at);
SELECT raise_wall('access_requests');
GRANT SELECT, INSERT, UPDATE, DELETE ON access_requests TO portico_app;

-- +goose StatementBegin
CREATE FUNCTION remove_access_requests(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.access_requests WHERE (tenant_id, id) IN
      (SELECT tenant_id, id FROM public.access_requests WHERE decided_at < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, DELETE ON access_requests TO portico_maintenance;
CREATE POLICY maintenance_reads ON access_requests FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_removes ON access_requests FOR DELETE TO portico_maintenance USING (true);
REVOKE EXECUTE ON FUNCTION remove_access_requests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION remove_access_requests TO portico_platform;
GRANT CREATE ON SCHEMA public TO portico_maintenance;
ALTER FUNCTION remove_access_requests OWNER TO portico_maintenance;
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
