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

-- take_address_limits counts one try of a client address. All of its ordinary counters must allow it; when
-- they do not, the second, higher counters may, for somebody who solved a CAPTCHA (p_solved).
--   allowed   the try may go on; beyond: it was counted in the second counters
--   solvable  refused, and a solved CAPTCHA would have been allowed
--   retry_at  of a refusal
--   begins    of a refusal: nobody was refused like this since the counters were last free
-- The second counters share windows and blocks with the ordinary ones. Row security holds, as in 0005.
-- +goose StatementBegin
CREATE FUNCTION take_address_limits(p_now timestamptz, p_keys bytea[], p_limits int[], p_windows interval[], p_blocks interval[],
  p_beyond_keys bytea[], p_beyond_limits int[], p_told bytea, p_solved bool,
  OUT allowed bool, OUT beyond bool, OUT solvable bool, OUT retry_at timestamptz, OUT begins bool)
LANGUAGE plpgsql AS $body$
DECLARE
  v_free boolean;
  v_until timestamptz;
BEGIN
  beyond := false; solvable := false; begins := false;
  SELECT t.allowed, t.retry_at INTO allowed, retry_at
    FROM take_limits(p_now, p_keys, p_limits, p_windows, p_blocks, 1) t;
  IF allowed THEN RETURN; END IF;
  SELECT t.allowed, t.retry_at INTO v_free, v_until
    FROM take_limits(p_now, p_beyond_keys, p_beyond_limits, p_windows, p_blocks, CASE WHEN p_solved THEN 1 ELSE 0 END) t;
  IF p_solved AND v_free THEN
    allowed := true; beyond := true; retry_at := NULL;
    RETURN;
  END IF;
  solvable := v_free;
  retry_at := CASE WHEN p_solved THEN least(retry_at, v_until) ELSE retry_at END;
  SELECT t.allowed INTO begins
    FROM take_limits(p_now, ARRAY[p_told], ARRAY[1], ARRAY[retry_at - p_now], ARRAY[interval '0'], 1) t;
END $body$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION take_address_limits FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_address_limits TO portico_app;
