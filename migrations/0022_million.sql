-- +goose Up

-- Searches and imports in a tenant with a million people.
-- Each new row went into the trigrams' indexes at once, some thirty entries one by one: that was three
-- quarters of an import. Now they wait in a short list, which every search reads as well; half a megabyte is
-- read in a few milliseconds.
ALTER INDEX accounts_search SET (fastupdate = on, gin_pending_list_limit = 512);
ALTER INDEX account_identifiers_search SET (fastupdate = on, gin_pending_list_limit = 512);

-- search_people as before (0016), but for how it finds: a part that few have is found by its trigrams, not by
-- reading everybody in the hope of a page full, and what resembles is compared within bounds.
GRANT CREATE ON SCHEMA public TO portico_search;
SET LOCAL ROLE portico_search; -- its functions are its own, and rights that it has are not passed on
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION search_people(typed text, of_status text, of_role text, member uuid[], within uuid[], at timestamptz, most int)
RETURNS TABLE (account_id uuid, rank real)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET jit = off
SET enable_seqscan = off SET enable_indexscan = on SET enable_indexonlyscan = on SET pg_trgm.word_similarity_threshold = 0.5 SET gin_fuzzy_search_limit = 5000 AS $$
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
  word text;
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
    IF stage LIKE '% LIKE %' THEN -- none but the trigrams find a part: neither a scan that hopes to meet some, nor one in another order
      PERFORM set_config('enable_indexscan', 'off', true), set_config('enable_indexonlyscan', 'off', true);
    END IF;
    EXECUTE 'SELECT array_agg(f.id), array_agg(f.rank) FROM (' || stage || only_those || ' LIMIT $8) AS f (id, rank) WHERE f.id <> ALL ($9)'
      INTO hits, ranks USING tenant, btrim(typed), key, within, member, of_role, at, most, seen;
    RETURN QUERY SELECT * FROM unnest(hits, ranks);
    seen := seen || coalesce(hits, '{}');
    IF cardinality(seen) >= most OR 6 = ANY (ranks) AND strpos(typed, '@') > 0 THEN -- a whole address is one person's
      RETURN;
    END IF;
  END LOOP;
  -- The longest word alone decides who resembles, the whole text in which order: few letters resemble too many,
  -- and two words are twice the lists to compare. A slip in a long word leaves more of it than one in a short.
  SELECT w INTO word FROM regexp_split_to_table(split_part(key, '@', 1), '[ ._+-]+') w ORDER BY length(w) DESC LIMIT 1;
  IF cardinality(seen) >= 10 OR length(word) < 4 THEN
    RETURN;
  END IF;
  PERFORM set_config('pg_trgm.word_similarity_threshold', CASE WHEN length(word) <= 6 THEN '0.5' WHEN length(word) <= 8 THEN '0.55' ELSE '0.6' END, true);
  stages := ARRAY['SELECT a.id, word_similarity($3, a.name_key) * 0.9' || from_names || '$10 <% a.name_key'];
  IF strpos(btrim(typed), ' ') = 0 THEN
    stages := stages || ARRAY['SELECT a.id, word_similarity($2, split_part(i.norm, ''@'', 1)) * 0.9' || from_ids || '$10 <% split_part(i.norm, ''@'', 1)'];
  END IF;
  FOREACH stage IN ARRAY stages LOOP
    EXECUTE 'SELECT array_agg(f.id), array_agg(f.rank) FROM (SELECT * FROM (' || stage || only_those || ' LIMIT 500) AS c (id, rank) ORDER BY c.rank DESC LIMIT $8) AS f WHERE f.id <> ALL ($9)'
      INTO hits, ranks USING tenant, split_part(btrim(typed), '@', 1), key, within, member, of_role, at, least(most, 50), seen, word;
    RETURN QUERY SELECT * FROM unnest(hits, ranks);
    seen := seen || coalesce(hits, '{}');
    IF cardinality(seen) >= 10 THEN
      RETURN;
    END IF;
  END LOOP;
END $$;
-- +goose StatementEnd
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM portico_search;
