-- Writing the rows and the log.

-- Write a record as it stands, and what is derived from it, which serves finding.
CREATE FUNCTION casework_write(
    kind text, record_key text, stands jsonb, made boolean, fields text[]
) RETURNS void
LANGUAGE plpgsql SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    form constant jsonb := rules #> ARRAY['kinds', kind];
    searched constant text[] := ARRAY(SELECT jsonb_array_elements_text(rules -> 'searched'));
    key_column constant text := form ->> 'key';
    stem text;
    names text;
BEGIN
    IF kind = 'case' THEN
        IF made OR fields && searched THEN
            stands := stands || jsonb_build_object('search', (
                SELECT string_agg(folded, E'\n' ORDER BY place, number)
                FROM unnest(searched) WITH ORDINALITY AS one (name, place),
                    jsonb_array_elements_text(CASE
                        WHEN name = key_column THEN jsonb_build_array(record_key)
                        WHEN jsonb_typeof(stands -> name) = 'array' THEN stands -> name
                        ELSE jsonb_build_array(stands -> name)
                    END) WITH ORDINALITY AS two (said, number),
                    casework_fold(coalesce(said, '')) AS folded
                -- A title has its line even where there is none, as in rows.search_text.
                WHERE folded <> '' OR place <= 2
            ));
            fields := fields || 'search'::text;
        END IF;
        IF made OR 'holds' = ANY (fields) THEN
            stands := stands || jsonb_build_object('held_days', (
                SELECT coalesce(sum((span ->> 1)::date - (span ->> 0)::date), 0)
                FROM jsonb_array_elements(stands -> 'holds') AS span
            ));
            fields := fields || 'held_days'::text;
        END IF;
        IF made THEN
            -- Of a long number only the last digits are one, which a column can hold.
            stem := rtrim(record_key, '0123456789');
            IF length(record_key) - length(stem) > 9 THEN
                stem := left(record_key, -9);
            END IF;
            stands := stands || jsonb_build_object(
                'ref_key', casework_fold_code(record_key), 'ref_stem', casework_fold_code(stem),
                'ref_number',
                coalesce(nullif(substr(record_key, length(stem) + 1), '')::integer, -1));
        END IF;
    END IF;
    IF made THEN
        EXECUTE format('INSERT INTO %I SELECT * FROM jsonb_populate_record(NULL::%I, $1)',
            kind, kind) USING stands;
    ELSE
        SELECT string_agg(format('%I', field), ', ') INTO names
        FROM unnest(fields || ARRAY['version']) AS field;
        EXECUTE format(
            'UPDATE %I SET (%s) = ROW (%s) FROM jsonb_populate_record(NULL::%I, $1) AS given'
            ' WHERE %I.%I = $2',
            kind, names, regexp_replace(names, '(^|, )', '\1given.', 'g'), kind, kind, key_column
        ) USING stands, record_key;
    END IF;

    IF kind = 'case' THEN
        IF 'coordinating' = ANY (fields) THEN
            DELETE FROM case_coordinating WHERE ref = record_key;
            INSERT INTO case_coordinating (ref, org)
            SELECT record_key, org FROM jsonb_array_elements_text(stands -> 'coordinating') AS org;
        END IF;
        IF 'links' = ANY (fields) THEN
            DELETE FROM case_link WHERE ref = record_key;
            INSERT INTO case_link (ref, relation, other)
            SELECT record_key, link ->> 0, link ->> 1
            FROM jsonb_array_elements(stands -> 'links') AS link;
        END IF;
    ELSIF kind = 'digest' AND made THEN
        INSERT INTO reminder (ref, level, due, digest, owner)
        SELECT said ->> 0, said ->> 1, said ->> 2, record_key, coalesce(stands ->> 'owner', '')
        FROM jsonb_array_elements(stands -> 'cases') AS said;
    END IF;
    IF form -> 'named' <> '[]'
        AND (made OR fields && ARRAY(SELECT jsonb_array_elements_text(form -> 'named')))
    THEN
        IF NOT made THEN
            -- By code they are not found without a search.
            DELETE FROM name_key WHERE name_key.kind = casework_write.kind AND code = record_key;
        END IF;
        INSERT INTO name_key (kind, folded, code)
        SELECT DISTINCT casework_write.kind, casework_fold(said), record_key
        FROM jsonb_array_elements_text(form -> 'named') AS name,
            jsonb_array_elements_text(
                CASE jsonb_typeof(stands -> name)
                    WHEN 'array' THEN stands -> name ELSE jsonb_build_array(stands -> name)
                END) AS said
        WHERE said <> '';
    END IF;
END $$;

-- Take disclosures back, for a redaction. Their commitments stay in the log.
CREATE FUNCTION casework_erase(said jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = @schema@, pg_temp AS $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT (one ->> 0)::bigint AS seq, array_agg(one ->> 1 ORDER BY one ->> 1) AS paths
        FROM jsonb_array_elements(said -> 'redacts') AS one GROUP BY 1
    LOOP
        IF NOT EXISTS (
            SELECT FROM event JOIN disclosure USING (seq)
            WHERE seq = place.seq AND event.kind = said ->> 'kind' AND event.key = said ->> 'key'
                AND event.act <> 'redact'
                AND convert_from(disclosure.body, 'UTF8')::jsonb ?& place.paths
        ) OR place.paths <> ARRAY(SELECT DISTINCT unnest(place.paths) ORDER BY 1) THEN
            PERFORM casework_deny(format('event %s is not one to erase from', place.seq));
        END IF;
        UPDATE disclosure SET body = convert_to(
            casework_canonical(convert_from(disclosure.body, 'UTF8')::jsonb - place.paths), 'UTF8')
        WHERE seq = place.seq;
    END LOOP;
END $$;

-- Judge the events of a record that have their place among others, once all of them are there, and
-- write the record they leave. `held` is the record, `before` its timeline, as they were before the
-- first of them, which has a number.
CREATE FUNCTION casework_finish(
    kind text, record_key text, stands jsonb, made boolean, fields text[],
    held jsonb, before jsonb, known jsonb, first_new bigint
) RETURNS void
LANGUAGE plpgsql SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF known IS NOT NULL THEN
        IF kind = 'case' THEN
            PERFORM casework_judge(before, known, first_new);
        END IF;
        PERFORM casework_write_moves(kind, record_key, known);
        fields := ARRAY(
            SELECT name FROM jsonb_object_keys(
                casework_rules() #> ARRAY['kinds', kind, 'start']) AS name
            WHERE held -> name IS DISTINCT FROM stands -> name);
    END IF;
    PERFORM casework_write(kind, record_key, stands, made, fields);
END $$;

-- The timeline of a record before an event is recorded, where that event, at its place, or one of its
-- own that come next does not simply follow the last day of its acts; NULL where all do.
CREATE FUNCTION casework_disordered(said jsonb, bodies text[], place integer, last_day text)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    kind constant text := said ->> 'kind';
    record_key constant text := said ->> 'key';
BEGIN
    -- Of other kinds what was recorded last holds.
    IF NOT casework_rules() #> '{timeline,by_effect}' ? kind THEN
        IF said ? 'amends' OR said ? 'strikes' THEN
            PERFORM casework_deny(format('no act on a %s is amended', kind));
        END IF;
        RETURN NULL;
    END IF;
    LOOP
        IF said ? 'amends' OR said ? 'strikes' OR said ->> 'effective_on' < last_day THEN
            RETURN casework_timeline(kind, casework_events(kind, record_key));
        END IF;
        last_day := said ->> 'effective_on';
        place := place + 1;
        EXIT WHEN octet_length(bodies[place]) <= (casework_rules() ->> 'limit')::integer
            IS NOT TRUE;
        said := bodies[place]::jsonb;
        EXIT WHEN (said ->> 'kind', said ->> 'key') IS DISTINCT FROM (kind, record_key);
    END LOOP;
    RETURN NULL;
END $$;

-- Take events into the log, in their order, and write what they leave. `ours` are events that are
-- made here.
CREATE FUNCTION casework_take(
    bodies text[], disclosures text[], ours boolean DEFAULT false
) RETURNS void
LANGUAGE plpgsql SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    next_seq bigint;
    new_peaks bytea;
    said jsonb;
    leaf bytea;
    kind text;
    record_key text;
    made boolean;
    stands jsonb;
    last bigint;
    last_day text;
    held jsonb;
    before jsonb;
    known jsonb;
    first_new bigint;
    fields text[];
    owed request;
BEGIN
    IF NOT casework_is_somebody() THEN
        PERFORM casework_deny(format('nobody in this register has the login %s', session_user));
    END IF;
    PERFORM casework_held('log_head', 'id', '1');
    SELECT size, peaks INTO STRICT next_seq, new_peaks FROM log_head;
    FOR place IN 1 .. coalesce(array_length(bodies, 1), 0) LOOP
        IF greatest(octet_length(bodies[place]), octet_length(disclosures[place]))
            > (rules ->> 'limit')::integer OR disclosures[place] IS NULL
        THEN
            PERFORM casework_deny('the event is longer than an event may be');
        END IF;
        said := bodies[place]::jsonb;
        IF jsonb_typeof(said) <> 'object' THEN
            PERFORM casework_deny('the event is no object');
        END IF;
        IF owed.code IS NOT NULL AND (said ->> 'act', said ->> 'kind', said ->> 'key')
            IS DISTINCT FROM (owed.verb::text, owed.subject_kind::text, owed.subject::text)
        THEN
            PERFORM casework_deny(format('%s is confirmed and not done', owed.code));
        END IF;
        owed := NULL;
        IF (kind, record_key) IS DISTINCT FROM (said ->> 'kind', said ->> 'key') THEN
            IF kind IS NOT NULL THEN
                PERFORM casework_finish(
                    kind, record_key, stands, made, fields, held, before, known, first_new);
            END IF;
            kind := said ->> 'kind';
            record_key := said ->> 'key';
            fields := '{}';
            IF NOT coalesce(rules -> 'kinds' ? kind, false) THEN
                PERFORM casework_deny(format('there is no kind of record %s', kind));
            END IF;
            EXECUTE format(
                'SELECT to_jsonb(held) FROM %I AS held WHERE %I = $1 FOR NO KEY UPDATE',
                kind, rules #>> ARRAY['kinds', kind, 'key']
            ) INTO stands USING record_key;
            made := stands IS NULL;
            SELECT coalesce(max(event.seq), -1), to_char(max(
                CASE WHEN moved_day.seq IS NULL THEN event.effective_on ELSE moved_day.day END
            ), 'YYYY-MM-DD') INTO last, last_day
            FROM event LEFT JOIN moved_day USING (seq)
            WHERE event.kind = said ->> 'kind' AND event.key = record_key;
            known := casework_disordered(said, bodies, place, last_day);
            held := stands;
            before := known;
            first_new := next_seq;
        END IF;
        SELECT * INTO stands, known FROM casework_folded(
            said, bodies[place], disclosures[place]::jsonb, disclosures[place], stands, next_seq, last,
            ours, made, known);
        leaf := sha256('\x00'::bytea || convert_to(bodies[place], 'UTF8'));
        INSERT INTO event (
            seq, body, leaf, kind, key, act, actor, effective_on, recorded_at, fields, command
        ) VALUES (
            next_seq, convert_to(bodies[place], 'UTF8'), leaf, kind, record_key, said ->> 'act',
            said ->> 'actor', (said ->> 'effective_on')::date, said ->> 'recorded_at',
            (SELECT ',' || coalesce(string_agg(name, ',' ORDER BY name COLLATE "C"), '') || ','
             FROM jsonb_object_keys(said -> 'changes') AS name),
            said #>> '{command,key}'
        );
        INSERT INTO disclosure (seq, body) VALUES (next_seq, convert_to(disclosures[place], 'UTF8'));
        IF said ? 'redacts' THEN
            PERFORM casework_erase(said);
        END IF;
        fields := fields || ARRAY(
            SELECT name FROM jsonb_object_keys(said -> 'changes') AS name
            WHERE name <> ALL (fields));
        IF kind = 'request' AND said ->> 'act' = 'confirm' THEN
            owed := jsonb_populate_record(NULL::request, stands);
        END IF;
        last := next_seq;
        new_peaks := casework_grown(new_peaks, next_seq, leaf);
        next_seq := next_seq + 1;
    END LOOP;
    IF owed.code IS NOT NULL THEN
        PERFORM casework_deny(format('%s is confirmed and not done', owed.code));
    END IF;
    IF kind IS NOT NULL THEN
        PERFORM casework_finish(
            kind, record_key, stands, made, fields, held, before, known, first_new);
    END IF;
    UPDATE log_head SET size = next_seq, peaks = new_peaks, root = casework_root(new_peaks);
END $$;
