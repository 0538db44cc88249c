-- +goose Up

-- Searches and imports in a tenant with a million people.
-- Each new row went into the trigrams' indexes at once, some thirty entries one by one: that was three
-- quarters of an import. Now they wait in a short list, which every search reads as well; a megabyte is
-- read in a few milliseconds.
ALTER INDEX accounts_search SET (fastupdate = on, gin_pending_list_limit = 1024);
ALTER INDEX account_identifiers_search SET (fastupdate = on, gin_pending_list_limit = 1024);

-- Who is in a group, and who holds a role, is read from the index alone.
CREATE INDEX account_groups_members ON account_groups (tenant_id, group_id, account_id);
DROP INDEX account_groups_group;
CREATE INDEX role_assignments_holders ON role_assignments (tenant_id, role, account_id);
DROP INDEX role_assignments_role;

-- search_people beside that of 0016, which instances of the version before still call, and other in how it finds. A part that few have is found by its trigrams, not by
-- reading everybody in the hope of a page full; what resembles is compared within bounds. Where few people meet the
-- conditions the caller names them (`among`), and they alone are read. Else whom a stage finds is held against the
-- conditions one by one, since a plan for both at once reads all members of a group for the sake of three; then a
-- stage looks at five thousand at most, and a row without a person says that it could not look at all.
GRANT CREATE ON SCHEMA public TO portico_search;
SET LOCAL ROLE portico_search; -- its functions are its own, and rights that it has are not passed on
-- +goose StatementBegin
CREATE FUNCTION search_people(typed text, among uuid[], of_status text, of_role text, member uuid[], within uuid[], at timestamptz, most int)
RETURNS TABLE (account_id uuid, rank real)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_indexscan = on SET enable_indexonlyscan = on
SET pg_trgm.word_similarity_threshold = 0.5 SET gin_fuzzy_search_limit = 0 AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  key text := public.search_key(btrim(typed));
  local text := split_part(btrim(typed), '@', 1);
  words text[] := array_remove(string_to_array(key, ' '), '');
  address boolean := strpos(btrim(typed), '@') > 1; -- no name holds such
  long boolean := EXISTS (SELECT FROM unnest(words) w WHERE length(w) >= 3);
  parts text := '';
  only_those text := '';
  looks int := most;
  from_names text := ' FROM public.accounts a WHERE a.tenant_id = $1 AND ';
  from_ids text := ' FROM public.account_identifiers i WHERE i.tenant_id = $1 AND ';
  stages text[];
  kinds text[] := '{start,start}'; -- of the stages: start, part, near
  near boolean;
  cut boolean := false;
  seen uuid[] := '{}';
  hits uuid[];
  ranks real[];
  word text;
BEGIN
  IF tenant IS NULL OR key = '' OR length(key) > 200 THEN
    RETURN;
  END IF;
  -- Each condition is asked about one person: joined, a table that has grown since its last ANALYZE is read whole.
  IF within IS NOT NULL THEN
    only_those := only_those || ' AND (SELECT true FROM public.account_groups g WHERE g.tenant_id = $1 AND g.account_id = u.id AND g.group_id = ANY ($6) LIMIT 1)';
  END IF;
  IF member IS NOT NULL THEN
    only_those := only_those || ' AND (SELECT true FROM public.account_groups g WHERE g.tenant_id = $1 AND g.account_id = u.id AND g.group_id = ANY ($7) LIMIT 1)';
  END IF;
  IF of_role IS NOT NULL THEN
    only_those := only_those || ' AND (SELECT true FROM public.role_assignments r WHERE r.tenant_id = $1 AND r.account_id = u.id AND r.role = $8 AND (r.ends_at IS NULL OR r.ends_at > $9) LIMIT 1)';
  END IF;
  only_those := only_those || CASE of_status
    WHEN 'active' THEN ' AND (SELECT true FROM public.accounts a WHERE a.tenant_id = $1 AND a.id = u.id AND a.status = ''active'' LIMIT 1)'
    WHEN 'disabled' THEN ' AND (SELECT true FROM public.accounts a WHERE a.tenant_id = $1 AND a.id = u.id AND a.status = ''disabled'' LIMIT 1)'
    WHEN 'locked' THEN ' AND (SELECT true FROM public.account_locks l WHERE l.tenant_id = $1 AND l.account_id = u.id AND l.locked_until > $9 LIMIT 1)'
    WHEN 'invited' THEN ' AND (SELECT true FROM public.links l WHERE l.tenant_id = $1 AND l.account_id = u.id AND l.purpose = ''invite''
      AND l.used_at IS NULL AND l.replaced_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $9 LIMIT 1)'
    ELSE '' END;
  IF only_those <> '' THEN
    looks := 5000;
  END IF;
  IF among IS NOT NULL THEN
    from_names := ' FROM unnest($6) AS few (id) CROSS JOIN LATERAL (SELECT a.id, a.name_key FROM public.accounts a WHERE a.tenant_id = $1 AND a.id = few.id OFFSET 0) a WHERE ';
    from_ids := ' FROM unnest($6) AS few (id) CROSS JOIN LATERAL (SELECT i.account_id, i.kind, i.norm FROM public.account_identifiers i WHERE i.tenant_id = $1 AND i.account_id = few.id OFFSET 0) i WHERE ';
    looks := 10000;
  END IF;
  SELECT string_agg('a.name_key LIKE ' || quote_literal('%' || regexp_replace(w, '([\\%_])', '\\\1', 'g') || '%'), ' AND ') INTO parts FROM unnest(words) w;

  stages := ARRAY[
    'SELECT i.account_id, CASE WHEN i.norm = $2 THEN 6 ELSE 5 END::real' || from_ids || 'i.kind = ANY (''{email,username,user_id}'') AND i.norm ^@ $2 LIMIT $5',
    'SELECT a.id, 4::real' || from_names || 'a.name_key ^@ $3 LIMIT $5'];
  IF long THEN
    IF NOT address THEN
      stages := stages || ARRAY['SELECT a.id, 3::real' || from_names || parts || ' LIMIT $5'];
      kinds := kinds || 'part'::text;
    END IF;
    IF length(local) >= 3 AND strpos(btrim(typed), ' ') = 0 THEN
      stages := stages || ARRAY['SELECT i.account_id, 2::real' || from_ids || 'split_part(i.norm, ''@'', 1) LIKE '
        || quote_literal('%' || regexp_replace(local, '([\\%_])', '\\\1', 'g') || '%') || ' LIMIT $5'];
      kinds := kinds || 'part'::text;
    END IF;
  END IF;
  -- The longest word alone decides who resembles, the whole text in which order: few letters resemble too many,
  -- and two words are twice the lists to compare. A slip in a long word leaves more of it than one in a short.
  SELECT w INTO word FROM regexp_split_to_table(split_part(key, '@', 1), '[ ._+-]+') w ORDER BY length(w) DESC LIMIT 1;
  IF length(word) >= 4 THEN
    PERFORM set_config('pg_trgm.word_similarity_threshold', CASE WHEN length(word) <= 6 THEN '0.5' WHEN length(word) <= 8 THEN '0.55' ELSE '0.6' END, true);
    IF NOT address THEN
      stages := stages || ARRAY['SELECT * FROM (SELECT a.id, word_similarity($3, a.name_key) * 0.9' || from_names || '$4 <% a.name_key LIMIT 500) c (id, rank) ORDER BY c.rank DESC'];
      kinds := kinds || 'near'::text;
    END IF;
    IF strpos(btrim(typed), ' ') = 0 THEN
      stages := stages || ARRAY['SELECT * FROM (SELECT i.account_id, word_similarity($2, split_part(i.norm, ''@'', 1)) * 0.9' || from_ids || '$4 <% split_part(i.norm, ''@'', 1) LIMIT 500) c (id, rank) ORDER BY c.rank DESC'];
      kinds := kinds || 'near'::text;
    END IF;
  END IF;
  FOR n IN 1..cardinality(stages) LOOP
    near := kinds[n] = 'near';
    EXIT WHEN near AND cardinality(seen) >= 10; -- what resembles is sought when little else was found
    IF kinds[n] <> 'start' AND among IS NULL THEN -- none but the trigrams find a part: neither a scan that hopes to meet some, nor one in another order
      PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_indexonlyscan', 'off', true);
    END IF;
    EXECUTE 'SELECT array_agg(f.id), array_agg(f.rank) FROM (' || stages[n] || ') AS f (id, rank)'
      INTO hits, ranks USING tenant, CASE WHEN near THEN local ELSE btrim(typed) END, key, word, looks, among;
    cut := cut OR only_those <> '' AND cardinality(hits) >= CASE WHEN near THEN 500 ELSE looks END;
    PERFORM set_config('enable_indexscan', 'on', true), set_config('enable_indexonlyscan', 'on', true);
    EXECUTE 'SELECT array_agg(u.id), array_agg(u.rank) FROM (SELECT u.id, u.rank FROM unnest($2, $3) WITH ORDINALITY AS u (id, rank, place)
        WHERE u.id <> ALL ($4)' || only_those || ' ORDER BY u.place LIMIT $5) u'
      INTO hits, ranks USING tenant, hits, ranks, seen, CASE WHEN near THEN least(most, 50) ELSE most END, within, member, of_role, at;
    RETURN QUERY SELECT * FROM unnest(hits, ranks);
    seen := seen || coalesce(hits, '{}');
    IF 6 = ANY (ranks) AND strpos(typed, '@') > 0 THEN -- a whole address is one person's
      RETURN;
    END IF;
    IF cardinality(seen) >= most THEN
      cut := true;
      EXIT;
    END IF;
  END LOOP;
  IF cut THEN
    RETURN QUERY SELECT NULL::uuid, -1::real;
  END IF;
END $$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION search_people(text, uuid[], text, text, uuid[], uuid[], timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_people(text, uuid[], text, text, uuid[], uuid[], timestamptz, int) TO portico_app;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM portico_search;
