-- +goose Up

-- The audit is read by kind, and by who did something to somebody else. What people do to their own account
-- is found by whom it is about, and most rows are that: the second index stays small.
CREATE INDEX audit_events_kind ON audit_events (tenant_id, kind, id);
CREATE INDEX audit_events_by ON audit_events (tenant_id, actor, id)
  WHERE left(actor, 8) = 'account:' AND (account_id IS NULL OR actor <> 'account:' || account_id::text);

-- The delivery view finds letters by address, and those that failed.
CREATE INDEX letters_recipient ON letters (tenant_id, recipient, id);
CREATE INDEX letters_failed ON letters (tenant_id, id) WHERE state = 'failed';

-- letter_feedback: what the carrier told of a letter after it had taken it. Once each; gone with the letter.
CREATE TABLE letter_feedback (
  tenant_id uuid NOT NULL,
  letter_id uuid NOT NULL,
  kind      text COLLATE "C" NOT NULL CHECK (kind IN ('delivered', 'bounced', 'complained')),
  permanent boolean NOT NULL, -- of a bounce: the address takes no mail, now or later
  reason    text NOT NULL DEFAULT '' CHECK (length(reason) <= 500), -- a word of the carrier's: "NoEmail", "MailboxFull"
  at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, letter_id, kind),
  FOREIGN KEY (tenant_id, letter_id) REFERENCES letters (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX letter_feedback_at ON letter_feedback (at);
CREATE INDEX letter_feedback_recent ON letter_feedback (tenant_id, kind, at);
SELECT raise_wall('letter_feedback');
GRANT SELECT, INSERT ON letter_feedback TO portico_app;

-- An address at which nothing arrives, until something does.
ALTER TABLE account_identifiers
  ADD COLUMN bounced_at timestamptz,
  ADD COLUMN bounced_as text COLLATE "C" NOT NULL DEFAULT '' CHECK (bounced_as IN ('', 'bounced', 'complained'));
CREATE INDEX account_identifiers_bounced ON account_identifiers (tenant_id, account_id) WHERE bounced_at IS NOT NULL;

-- hour_figures: what happened in each whole hour, counted once, so that a dashboard reads thousands of rows
-- where there were millions of events.
CREATE TABLE hour_figures (
  tenant_id uuid NOT NULL,
  hour      timestamptz NOT NULL,
  figure    text COLLATE "C" NOT NULL,
  count     bigint NOT NULL,
  PRIMARY KEY (tenant_id, hour, figure)
);
CREATE INDEX hour_figures_retention ON hour_figures (hour);
SELECT raise_wall('hour_figures');
GRANT SELECT ON hour_figures TO portico_app;

-- platform.hours_counted: hours before it are counted, of all tenants; one row.
CREATE TABLE platform.hours_counted (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  until  timestamptz NOT NULL
);

-- figure_of names what an event of the audit counts as; NULL counts nowhere. Passwords that were tried in a
-- recovery are not among them: they are counted by person.
-- +goose StatementBegin
CREATE FUNCTION figure_of(kind text, outcome text, reason text, details jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE kind
    WHEN 'signin.ok' THEN 'signin.ok'
    WHEN 'signin.failed' THEN 'signin.failed'
    WHEN 'signin.factor_failed' THEN 'signin.factor_failed'
    WHEN 'signin.blocked' THEN 'signin.blocked'
    WHEN 'account.locked' THEN 'locked'
    WHEN 'reset.blocked' THEN 'reset.blocked'
    WHEN 'reset.requested' THEN 'asked.' || reason
    WHEN 'reset.completed' THEN 'set'
    WHEN 'account.unlocked' THEN 'unlocked'
    WHEN 'reset.step' THEN CASE WHEN outcome = 'success' AND reason = '' AND details ? 'flow' THEN 'gate.' || (details->>'gate') END
  END
$$;
-- +goose StatementEnd

-- count_hours counts whole hours that ended at least two minutes before the given time, so that no event of
-- theirs is still on its way; at most some hours a call, and answers how many are left.
-- +goose StatementBegin
CREATE FUNCTION count_hours(before timestamptz, max_hours int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  since timestamptz;
  final timestamptz := date_trunc('hour', before - interval '2 minutes', 'UTC');
  upto  timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('count_hours'));
  SELECT until INTO since FROM platform.hours_counted;
  IF since IS NULL THEN
    SELECT date_trunc('hour', least((SELECT min(at) FROM public.audit_events), (SELECT min(ended_at) FROM public.letters)), 'UTC') INTO since;
    since := greatest(coalesce(since, final), final - interval '92 days');
  END IF;
  IF since >= final THEN
    RETURN 0;
  END IF;
  upto := least(since + make_interval(hours => max_hours), final);
  INSERT INTO public.hour_figures (tenant_id, hour, figure, count)
  SELECT tenant_id, hour, figure, sum(n) FROM (
    SELECT e.tenant_id, date_trunc('hour', e.at, 'UTC') AS hour, public.figure_of(e.kind, e.outcome, e.reason, e.details) AS figure, count(*) AS n
      FROM public.audit_events e WHERE e.at >= since AND e.at < upto GROUP BY 1, 2, 3
    UNION ALL
    SELECT e.tenant_id, date_trunc('hour', e.at, 'UTC'), 'tried', count(DISTINCT e.account_id)
      FROM public.audit_events e WHERE e.at >= since AND e.at < upto AND (e.kind = 'reset.completed' OR e.kind = 'reset.step' AND e.details->>'method' = 'email_link' AND NOT e.details ? 'flow') GROUP BY 1, 2
    UNION ALL
    SELECT l.tenant_id, date_trunc('hour', l.ended_at, 'UTC'), 'letter.' || l.state, count(*)
      FROM public.letters l WHERE l.ended_at >= since AND l.ended_at < upto AND l.recipient <> '' GROUP BY 1, 2, 3
    UNION ALL
    SELECT l.tenant_id, date_trunc('hour', l.ended_at, 'UTC'), 'recovery.sent', count(*)
      FROM public.letters l WHERE l.ended_at >= since AND l.ended_at < upto AND l.recipient <> '' AND l.kind = 'recovery' AND l.state = 'sent' GROUP BY 1, 2
    UNION ALL
    SELECT f.tenant_id, date_trunc('hour', f.at, 'UTC'), 'letter.' || f.kind, count(*)
      FROM public.letter_feedback f WHERE f.at >= since AND f.at < upto GROUP BY 1, 2, 3
  ) counted WHERE figure IS NOT NULL GROUP BY 1, 2, 3
  ON CONFLICT (tenant_id, hour, figure) DO NOTHING;
  INSERT INTO platform.hours_counted (until) VALUES (upto) ON CONFLICT (single) DO UPDATE SET until = excluded.until;
  RETURN (extract(epoch FROM final - upto) / 3600)::int;
END $$;

CREATE FUNCTION remove_hour_figures(before timestamptz, max_rows int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH removed AS (
    DELETE FROM public.hour_figures WHERE (tenant_id, hour, figure) IN
      (SELECT tenant_id, hour, figure FROM public.hour_figures WHERE hour < (SELECT least(before, clock_timestamp() - interval '1 day')) LIMIT max_rows) RETURNING 1
  ) SELECT count(*)::int FROM removed
$$;
-- +goose StatementEnd
GRANT SELECT, INSERT, DELETE ON hour_figures TO portico_maintenance;
GRANT SELECT, INSERT, UPDATE ON platform.hours_counted TO portico_maintenance;
GRANT SELECT ON letter_feedback TO portico_maintenance;
CREATE POLICY maintenance_reads ON letter_feedback FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_reads ON hour_figures FOR SELECT TO portico_maintenance USING (true);
CREATE POLICY maintenance_counts ON hour_figures FOR INSERT TO portico_maintenance WITH CHECK (true);
CREATE POLICY maintenance_removes ON hour_figures FOR DELETE TO portico_maintenance USING (true);
GRANT CREATE ON SCHEMA public TO portico_maintenance;
-- +goose StatementBegin
DO $$
DECLARE f text;
BEGIN
  FOREACH f IN ARRAY ARRAY['count_hours', 'remove_hour_figures'] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %I FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %I TO portico_platform', f);
    EXECUTE format('ALTER FUNCTION %I OWNER TO portico_maintenance', f);
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE CREATE ON SCHEMA public FROM portico_maintenance;
REVOKE EXECUTE ON FUNCTION figure_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION figure_of TO portico_app, portico_maintenance;
