-- +goose Up
-- Limits: fixed windows that begin with their first event. One call asks all counters that an event
-- touches and counts it in all of them, or in none when one of them is full; calls at the same time
-- cannot both take the last place. Rows are locked in the order of their keys until the transaction
-- ends, so two calls never wait for each other in a ring, and the caller's transaction must be short.
--
--   take_limits(now, keys, limits, windows, blocks, cost) → allowed, retry_at
--     limit 0: not limited. block > 0: the event that finds the window full blocks the key for that
--     long, and a fresh window begins after the block; block 0: refused until the window ends.
--     cost 0 only asks whether one more event would be allowed. retry_at is the latest end of all
--     that refuse, NULL when allowed. A key given twice is an error.
--   give_back(keys): takes one event back (a success does not count against an address).
--
-- Row security holds (SECURITY INVOKER): the tenant is the transaction's. The twins in `platform`
-- count what belongs to no tenant, for portico_platform. Both come from one text.
-- +goose StatementBegin
DO $do$
DECLARE
  target record;
  text_of_take text := $take$
CREATE FUNCTION {schema}.take_limits(p_now timestamptz, p_keys bytea[], p_limits int[], p_windows interval[], p_blocks interval[], p_cost int,
  OUT allowed bool, OUT retry_at timestamptz) RETURNS SETOF record
LANGUAGE plpgsql AS $body$
DECLARE
  v_blocks boolean;
BEGIN
  IF cardinality(p_keys) <> cardinality(p_limits) OR cardinality(p_keys) <> cardinality(p_windows)
     OR cardinality(p_keys) <> cardinality(p_blocks) OR p_cost < 0 THEN
    RAISE EXCEPTION 'take_limits: arrays of different length, or a negative cost';
  END IF;

  -- Look first: whoever is refused already costs no lock.
  SELECT coalesce(bool_and(now_free), true), max(until) FILTER (WHERE NOT now_free), coalesce(bool_or(blocks), false)
    INTO allowed, retry_at, v_blocks
  FROM (
    SELECT s.free AS now_free,
           CASE WHEN l.blocked_until > p_now THEN l.blocked_until
                WHEN a.block > interval '0' THEN p_now + a.block ELSE l.ends_at END AS until,
           NOT s.free AND a.block > interval '0' AND NOT coalesce(l.blocked_until > p_now, false) AS blocks
    FROM unnest(p_keys, p_limits, p_windows, p_blocks) AS a (key, lim, win, block)
    LEFT JOIN {schema}.limits l ON l.key = a.key {same_tenant}
    CROSS JOIN LATERAL (SELECT CASE
      WHEN l.key IS NULL THEN greatest(p_cost, 1) <= a.lim
      WHEN l.blocked_until > p_now THEN false
      WHEN l.blocked_until <= p_now OR l.ends_at <= p_now THEN greatest(p_cost, 1) <= a.lim
      ELSE l.count + greatest(p_cost, 1) <= a.lim END AS free) s
    WHERE a.lim > 0
  ) looked;
  IF p_cost = 0 OR (NOT allowed AND NOT v_blocks) THEN
    RETURN NEXT;
    RETURN;
  END IF;

  -- Count everywhere in one statement; it locks in the order of the keys.
  WITH asked AS (
    SELECT * FROM unnest(p_keys, p_limits, p_windows, p_blocks) AS a (key, lim, win, block) WHERE a.lim > 0
  ), taken AS (
    INSERT INTO {schema}.limits AS l ({tenant_column}key, count, started_at, ends_at)
    SELECT {tenant_value}key, p_cost, p_now, p_now + win FROM asked ORDER BY key
    ON CONFLICT ({tenant_column}key) DO UPDATE SET
      count         = CASE WHEN l.ends_at <= p_now OR l.blocked_until <= p_now THEN excluded.count ELSE l.count + excluded.count END,
      started_at    = CASE WHEN l.ends_at <= p_now OR l.blocked_until <= p_now THEN excluded.started_at ELSE l.started_at END,
      ends_at       = CASE WHEN l.ends_at <= p_now OR l.blocked_until <= p_now THEN excluded.ends_at ELSE l.ends_at END,
      blocked_until = CASE WHEN l.blocked_until > p_now THEN l.blocked_until END
    RETURNING l.key, l.count, l.ends_at, l.blocked_until
  )
  SELECT coalesce(bool_and(t.blocked_until IS NULL AND t.count <= a.lim), true),
         max(coalesce(t.blocked_until, CASE WHEN a.block > interval '0' THEN p_now + a.block ELSE t.ends_at END))
           FILTER (WHERE t.blocked_until IS NOT NULL OR t.count > a.lim)
    INTO allowed, retry_at
  FROM taken t JOIN asked a USING (key);

  -- One of them was full: take the event back from all, and block those that found themselves full.
  IF NOT allowed THEN
    UPDATE {schema}.limits l SET
      count = l.count - p_cost,
      blocked_until = CASE WHEN l.blocked_until IS NULL AND l.count > a.lim AND a.block > interval '0'
                           THEN p_now + a.block ELSE l.blocked_until END
    FROM unnest(p_keys, p_limits, p_blocks) AS a (key, lim, block)
    WHERE l.key = a.key AND a.lim > 0 {same_tenant};
  END IF;
  RETURN NEXT;
END $body$
$take$;
  text_of_give text := $give$
CREATE FUNCTION {schema}.give_back(p_keys bytea[]) RETURNS void LANGUAGE sql AS $body$
  UPDATE {schema}.limits l SET count = l.count - 1
  FROM (SELECT key FROM {schema}.limits l WHERE l.key = ANY (p_keys) {same_tenant} ORDER BY key FOR UPDATE) given
  WHERE l.key = given.key AND l.count > 0 {same_tenant}
$body$
$give$;
BEGIN
  FOR target IN SELECT * FROM (VALUES
    ('public', 'tenant_id, ', $v$nullif(current_setting('app.tenant', true), '')::uuid, $v$,
      $v$AND l.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid$v$, 'portico_app'),
    ('platform', '', '', '', 'portico_platform')
  ) AS v (schema, tenant_column, tenant_value, same_tenant, role) LOOP
    EXECUTE replace(replace(replace(replace(text_of_take, '{schema}', target.schema), '{tenant_column}', target.tenant_column),
      '{tenant_value}', target.tenant_value), '{same_tenant}', target.same_tenant);
    EXECUTE replace(replace(text_of_give, '{schema}', target.schema), '{same_tenant}', target.same_tenant);
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %1$s.take_limits, %1$s.give_back FROM PUBLIC', target.schema);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %1$s.take_limits, %1$s.give_back TO %2$s', target.schema, target.role);
  END LOOP;
END $do$;
-- +goose StatementEnd
