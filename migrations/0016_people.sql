-- +goose Up
-- The list of people and its search. Fuzzy operators use no index under row security (they are not
-- leakproof), so search_people belongs to portico_search, which sees all rows and takes the tenant from the
-- setting alone.
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gin SCHEMA public;

-- search_key is how names are compared: without accents and case, whatever the server's locale. Greek and
-- Cyrillic capitals and the letters that do not decompose are spelled out.
-- +goose StatementBegin
CREATE FUNCTION search_key(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE WHEN t ~ '^[ -~]*$' THEN pg_catalog.lower(t COLLATE "C")
  ELSE translate(pg_catalog.lower(regexp_replace(normalize(t, NFKD), '[\u0300-\u036f]', '', 'g') COLLATE "C"),
    'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯØøŁłĐđ',
    'αβγδεζηθικλμνξοπρστυφχψωσабвгдежзийклмнопрстуфхцчшщъыьэюяoolldd') END;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION search_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_key(text) TO portico_app, portico_maintenance, portico_search;

-- name_key is generated, so that nobody who writes a name can forget it.
ALTER TABLE accounts
  ADD COLUMN name_key text COLLATE "C" GENERATED ALWAYS AS (search_key(display_name)) STORED,
  ADD COLUMN signed_in_at timestamptz NOT NULL DEFAULT '-infinity'; -- the last time; never: minus infinity, which sorts
-- What is known of earlier sign-ins; the owner sees rows of no tenant while row security is forced on it.
ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
UPDATE accounts a SET signed_in_at = s.last
  FROM (SELECT tenant_id, account_id, max(authenticated_at) AS last FROM sessions GROUP BY 1, 2) s
  WHERE s.tenant_id = a.tenant_id AND s.account_id = a.id;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;

-- Each order of the list, with and without the few who are disabled.
CREATE INDEX accounts_by_name ON accounts (tenant_id, name_key, id);
CREATE INDEX accounts_by_added ON accounts (tenant_id, created_at, id);
CREATE INDEX accounts_by_signed_in ON accounts (tenant_id, signed_in_at, id);
CREATE INDEX accounts_disabled ON accounts (tenant_id, name_key, id) WHERE status = 'disabled';
CREATE INDEX account_locks_standing ON account_locks (tenant_id, locked_until) WHERE locked_until IS NOT NULL;
CREATE INDEX links_invites ON links (tenant_id, issued_at, id) WHERE purpose = 'invite';

-- Without fastupdate a search never waits for a list of rows that are not in the index yet.
CREATE INDEX accounts_search ON accounts USING gin (tenant_id, name_key gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX account_identifiers_search ON account_identifiers USING gin (tenant_id, split_part(norm, '@', 1) gin_trgm_ops) WITH (fastupdate = off);
-- Finer statistics tell a word that many have from one that few have.
ALTER TABLE accounts ALTER COLUMN name_key SET STATISTICS 1000;
ALTER INDEX account_identifiers_search ALTER COLUMN 2 SET STATISTICS 1000;

GRANT SELECT (tenant_id, id, status, name_key, signed_in_at) ON accounts TO portico_search;
GRANT SELECT (tenant_id, kind, norm, account_id) ON account_identifiers TO portico_search;
GRANT SELECT ON account_groups TO portico_search;
GRANT SELECT (tenant_id, account_id, role, ends_at) ON role_assignments TO portico_search;
GRANT SELECT (tenant_id, account_id, locked_until) ON account_locks TO portico_search;
GRANT SELECT (tenant_id, account_id, purpose, used_at, replaced_at, revoked_at, expires_at) ON links TO portico_search;
CREATE POLICY search ON accounts FOR SELECT TO portico_search USING (true);
CREATE POLICY search ON account_identifiers FOR SELECT TO portico_search USING (true);
CREATE POLICY search ON account_groups FOR SELECT TO portico_search USING (true);
CREATE POLICY search ON role_assignments FOR SELECT TO portico_search USING (true);
CREATE POLICY search ON account_locks FOR SELECT TO portico_search USING (true);
CREATE POLICY search ON links FOR SELECT TO portico_search USING (true);
GRANT USAGE ON SCHEMA public TO portico_search;

-- search_people finds at most `most` people of the tenant by what was typed, the better the higher their
-- rank: whole identifier 6, its beginning 5, beginning of the name 4, part of the name 3, part of the address or
-- id 2, and below 1 what merely resembles, when little else was found. NULL in an argument is no condition;
-- `within` are the groups that the asker reaches, `member` those they chose. typed is in lower case.
-- Every stage is bounded by itself: a word that everybody has costs as little as one that few have.
-- +goose StatementBegin
CREATE FUNCTION search_people(typed text, of_status text, of_role text, member uuid[], within uuid[], at timestamptz, most int)
RETURNS TABLE (account_id uuid, rank real)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET jit = off SET pg_trgm.word_similarity_threshold = 0.5 SET gin_fuzzy_search_limit = 5000 AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  key text := public.search_key(btrim(typed));
  words text[] := array_remove(string_to_array(key, ' '), '');
  long boolean := EXISTS (SELECT FROM unnest(words) w WHERE length(w) >= 3);
  parts text := '';
  only_those text := '';
  from_names text := ' FROM public.accounts a WHERE a.tenant_id = $1 AND ';
  from_ids text := ' FROM public.account_identifiers i JOIN public.accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id WHERE i.tenant_id = $1 AND ';
  stages text[];
  stage text;
  seen uuid[] := '{}';
  hits uuid[];
  ranks real[];
BEGIN
  IF tenant IS NULL OR key = '' OR length(key) > 200 THEN
    RETURN;
  END IF;
  IF within IS NOT NULL THEN
    only_those := only_those || ' AND a.id IN (SELECT g.account_id FROM public.account_groups g WHERE g.tenant_id = $1 AND g.group_id = ANY ($4))';
  END IF;
  IF member IS NOT NULL THEN
    only_those := only_those || ' AND a.id IN (SELECT g.account_id FROM public.account_groups g WHERE g.tenant_id = $1 AND g.group_id = ANY ($5))';
  END IF;
  IF of_role IS NOT NULL THEN
    only_those := only_those || ' AND a.id IN (SELECT r.account_id FROM public.role_assignments r WHERE r.tenant_id = $1 AND r.role = $6 AND (r.ends_at IS NULL OR r.ends_at > $7))';
  END IF;
  only_those := only_those || CASE of_status
    WHEN 'active' THEN ' AND a.status = ''active'''
    WHEN 'disabled' THEN ' AND a.status = ''disabled'''
    WHEN 'locked' THEN ' AND a.id IN (SELECT l.account_id FROM public.account_locks l WHERE l.tenant_id = $1 AND l.locked_until > $7)'
    WHEN 'invited' THEN ' AND a.id IN (SELECT l.account_id FROM public.links l WHERE l.tenant_id = $1 AND l.purpose = ''invite''
      AND l.used_at IS NULL AND l.replaced_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $7)'
    ELSE '' END;
  SELECT string_agg('a.name_key LIKE ' || quote_literal('%' || regexp_replace(w, '([\\%_])', '\\\1', 'g') || '%'), ' AND ') INTO parts FROM unnest(words) w;

  stages := ARRAY[
    'SELECT a.id, CASE WHEN i.norm = $2 THEN 6 ELSE 5 END::real' || from_ids || 'i.kind = ANY (''{email,username,user_id}'') AND i.norm ^@ $2',
    'SELECT a.id, 4::real' || from_names || 'a.name_key ^@ $3'];
  IF long THEN
    stages := stages || ARRAY['SELECT a.id, 3::real' || from_names || parts];
    IF length(btrim(typed)) >= 3 AND strpos(btrim(typed), ' ') = 0 THEN
      stages := stages || ARRAY['SELECT a.id, 2::real' || from_ids || 'split_part(i.norm, ''@'', 1) LIKE '
        || quote_literal('%' || regexp_replace(split_part(btrim(typed), '@', 1), '([\\%_])', '\\\1', 'g') || '%')];
    END IF;
  END IF;
  FOREACH stage IN ARRAY stages LOOP
    EXECUTE 'SELECT array_agg(f.id), array_agg(f.rank) FROM (' || stage || only_those || ' LIMIT $8) AS f (id, rank) WHERE f.id <> ALL ($9)'
      INTO hits, ranks USING tenant, btrim(typed), key, within, member, of_role, at, most, seen;
    RETURN QUERY SELECT * FROM unnest(hits, ranks);
    seen := seen || coalesce(hits, '{}');
    IF cardinality(seen) >= most THEN
      RETURN;
    END IF;
  END LOOP;
  IF cardinality(seen) >= 10 OR NOT long THEN
    RETURN;
  END IF;
  stages := ARRAY[
    'SELECT a.id, word_similarity($3, a.name_key) * 0.9' || from_names || '$3 <% a.name_key',
    'SELECT a.id, word_similarity($2, split_part(i.norm, ''@'', 1)) * 0.9' || from_ids || '$2 <% split_part(i.norm, ''@'', 1)'];
  FOREACH stage IN ARRAY stages LOOP
    EXECUTE 'SELECT array_agg(f.id), array_agg(f.rank) FROM (' || stage || only_those || ' ORDER BY 2 DESC LIMIT $8) AS f (id, rank) WHERE f.id <> ALL ($9)'
      INTO hits, ranks USING tenant, split_part(btrim(typed), '@', 1), key, within, member, of_role, at, least(most, 50), seen;
    RETURN QUERY SELECT * FROM unnest(hits, ranks);
    seen := seen || coalesce(hits, '{}');
    IF cardinality(seen) >= 10 THEN
      RETURN;
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION search_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_people TO portico_app;
GRANT CREATE ON SCHEMA public TO portico_search;
ALTER FUNCTION search_people OWNER TO portico_search;
REVOKE CREATE ON SCHEMA public FROM portico_search;
