-- Writing the rows and the log.

-- A case with the columns that serve to find it and to count its days on hold, as `record_rows` in
-- casework/store makes them; of one that is there already only those of the fields that changed.
CREATE FUNCTION casework_found(stands jsonb, record_key text, made boolean, fields text[])
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    searched constant text[] := ARRAY(
        SELECT jsonb_array_elements_text(casework_rules() -> 'searched'));
    stem text;
BEGIN
    IF made OR fields && searched THEN
        stands := stands || jsonb_build_object('search', (
            SELECT string_agg(folded, E'\n' ORDER BY place, number)
            FROM unnest(searched) WITH ORDINALITY AS one (name, place),
                jsonb_array_elements_text(CASE
                    WHEN name = 'ref' THEN jsonb_build_array(record_key)
                    WHEN jsonb_typeof(stands -> name) = 'array' THEN stands -> name
                    ELSE jsonb_build_array(stands -> name)
                END) WITH ORDINALITY AS two (said, number),
                casework_fold(coalesce(said, '')) AS folded
            -- A title has its line even where there is none, as in rows.search_text.
            WHERE folded <> '' OR place <= 2
        ));
    END IF;
    IF made OR 'holds' = ANY (fields) THEN
        stands := stands || jsonb_build_object('held_days', (
            SELECT coalesce(sum((span ->> 1)::date - (span ->> 0)::date), 0)
            FROM jsonb_array_elements(stands -> 'holds') AS span
        ));
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
    RETURN stands;
END $$;

-- Write new cases, and what is derived from them, with one statement for each table.
CREATE FUNCTION casework_write_cases(made jsonb[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF made = '{}' THEN
        RETURN;
    END IF;
    INSERT INTO "case"
    SELECT one.* FROM unnest(made) AS stands,
        jsonb_populate_record(
            NULL::"case", casework_found(stands, stands ->> 'ref', true, '{}')) AS one;
    INSERT INTO case_coordinating (ref, org)
    SELECT stands ->> 'ref', org
    FROM unnest(made) AS stands, jsonb_array_elements_text(stands -> 'coordinating') AS org;
    INSERT INTO case_theme (ref, theme, ref_stem, ref_number)
    SELECT DISTINCT "case".ref, named, ref_stem, ref_number
    FROM unnest(made) AS stands
    JOIN "case" ON "case".ref = stands ->> 'ref',
        jsonb_array_elements_text(stands -> 'theme') AS named
    WHERE stands -> 'theme' <> '[]';
    INSERT INTO case_link (ref, relation, other)
    SELECT stands ->> 'ref', link ->> 0, link ->> 1
    FROM unnest(made) AS stands, jsonb_array_elements(stands -> 'links') AS link;
END $$;

-- Take a case out of its table, whose proposal an event of that number takes out.
CREATE FUNCTION casework_write_out(record_key text, stands jsonb, striking bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO struck_case
    SELECT one.* FROM jsonb_populate_record(NULL::struck_case,
        casework_found(stands, record_key, true, '{}') || jsonb_build_object('seq', striking)) AS one;
    DELETE FROM case_coordinating WHERE ref = record_key;
    DELETE FROM case_theme WHERE ref = record_key;
    DELETE FROM case_link WHERE ref = record_key;
    DELETE FROM "case" WHERE ref = record_key;
END $$;

-- Write a record as it stands, and what is derived from it.
CREATE FUNCTION casework_write(
    kind text, record_key text, stands jsonb, made boolean, fields text[]
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    form constant jsonb := casework_rules() #> ARRAY['kinds', kind];
    key_column constant text := form ->> 'key';
    found jsonb;
    names text;
BEGIN
    IF kind = 'case' THEN
        IF made THEN
            PERFORM casework_write_cases(ARRAY[stands]);
            RETURN;
        END IF;
        found := casework_found(stands, record_key, made, fields);
        fields := fields || ARRAY(
            SELECT name FROM unnest(ARRAY['search', 'held_days']) AS name
            WHERE found -> name IS DISTINCT FROM stands -> name);
        stands := found;
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
        IF 'theme' = ANY (fields) THEN
            DELETE FROM case_theme WHERE ref = record_key;
            INSERT INTO case_theme (ref, theme, ref_stem, ref_number)
            SELECT DISTINCT record_key, named, ref_stem, ref_number
            FROM "case", jsonb_array_elements_text(stands -> 'theme') AS named
            WHERE "case".ref = record_key;
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
LANGUAGE plpgsql AS $$
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
            PERFORM casework_deny(format('event %s has no such text to erase', place.seq));
        END IF;
        UPDATE disclosure SET body = convert_to(
            casework_canonical(convert_from(disclosure.body, 'UTF8')::jsonb - place.paths), 'UTF8')
        WHERE seq = place.seq;
    END LOOP;
END $$;

-- Judge the events of a record that have their place among others, once all of them are there; return
-- which fields of it they change. `held` is the record, `before` its timeline, as they were before the
-- first of them, which has a number. Where that is done `later`, it is done at the end of the
-- transaction.
CREATE FUNCTION casework_judged(
    kind text, record_key text, stands jsonb, held jsonb, before jsonb, known jsonb,
    first_new bigint, later boolean
) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
    why text;
BEGIN
    IF kind = 'case' THEN
        IF casework_is_out(known) THEN
            PERFORM casework_judge_out(known, record_key);
        ELSIF NOT known #> '{events,-1}' ? 'reported' THEN
            -- Of a case that is brought back every link is new.
            PERFORM casework_permit_links(
                record_key, CASE WHEN before -> 'steps' <> '[]' THEN held ELSE '{}' END, stands);
        END IF;
        why := casework_judge(before, known, first_new);
        IF later AND why IS NOT NULL AND casework_may_wait(before, known) THEN
            INSERT INTO moved_day (seq, day) VALUES (first_new, 'infinity');
        ELSIF why IS NOT NULL THEN
            PERFORM casework_deny(why);
        END IF;
    END IF;
    PERFORM casework_write_moves(kind, record_key, known);
    RETURN ARRAY(
        SELECT name FROM jsonb_object_keys(
            casework_rules() #> ARRAY['kinds', kind, 'start']) AS name
        WHERE held -> name IS DISTINCT FROM stands -> name);
END $$;

-- Number events that were taken, from a number on, and write them and what they disclose, in their
-- order. `follows` has the event of its record that each comes after, none where it is the one before
-- it; `pieces` has three texts of each. Returns the number after the last one, and the peaks then.
--
-- A client stamps an event before it waits for the others. The stamp does not go back behind theirs,
-- as long as that is no more than it waited, and no other day.
CREATE FUNCTION casework_log(
    taken jsonb[], pieces text[], follows bigint[], disclosures text[],
    INOUT number bigint, INOUT peaks bytea
)
LANGUAGE plpgsql AS $$
DECLARE
    first constant bigint := number;
    waited constant interval := clock_timestamp() - transaction_timestamp();
    zone constant text := coalesce((SELECT register.zone FROM register), 'UTC');
    before text := (SELECT recorded_at FROM event WHERE seq = number - 1);
    stamped text;
    bodies bytea[] := '{}';
    leaves bytea[] := '{}';
BEGIN
    IF taken = '{}' THEN
        RETURN;
    END IF;
    FOR place IN 1 .. cardinality(taken) LOOP
        stamped := taken[place] ->> 'recorded_at';
        IF stamped < before COLLATE "C" AND before::timestamptz - stamped::timestamptz <= waited
            AND (before::timestamptz AT TIME ZONE zone)::date
                = (stamped::timestamptz AT TIME ZONE zone)::date
        THEN
            taken[place] := taken[place] || jsonb_build_object('recorded_at', before);
            pieces[3 * place - 1] := (casework_pieces(taken[place]))[2];
        ELSE
            before := stamped;
        END IF;
        bodies := bodies || convert_to(
            '{' || pieces[3 * place - 2]
            || ',"prev":' || coalesce(follows[place], number - 1) || ',' || pieces[3 * place - 1]
            || ',"seq":' || number || ',' || pieces[3 * place] || '}', 'UTF8');
        leaves := leaves || sha256('\x00'::bytea || bodies[place]);
        peaks := casework_grown(peaks, number, leaves[place]);
        number := number + 1;
    END LOOP;
    INSERT INTO event (
        seq, body, leaf, kind, key, act, actor, effective_on, recorded_at, fields, command
    )
    SELECT first + place - 1, body, leaf, said ->> 'kind', said ->> 'key',
        said ->> 'act', said ->> 'actor', (said ->> 'effective_on')::date, said ->> 'recorded_at',
        (SELECT ',' || coalesce(string_agg(name, ',' ORDER BY name COLLATE "C"), '') || ','
         FROM jsonb_object_keys(said -> 'changes') AS name),
        said #>> '{command,key}'
    FROM unnest(taken, bodies, leaves) WITH ORDINALITY AS one (said, body, leaf, place);
    INSERT INTO disclosure (seq, body)
    SELECT first + place - 1, convert_to(body, 'UTF8')
    FROM unnest(disclosures) WITH ORDINALITY AS one (body, place);
END $$;

-- The timeline of a record before an event is recorded, where that event, at its place, or one of its
-- own that come next does not simply follow the last day of its acts; NULL where all do.
CREATE FUNCTION casework_disordered(said jsonb, bodies text[], place integer, last_day text)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    kind constant text := said ->> 'kind';
    record_key constant text := said ->> 'key';
BEGIN
    -- Of other kinds what was recorded last holds.
    IF NOT casework_rules() #> '{timeline,by_effect}' ? kind THEN
        IF said ? 'amends' OR said ? 'strikes' THEN
            PERFORM casework_deny(format('an act on a %s cannot be amended', kind));
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

-- Judge events again, while nobody else records anything.
CREATE FUNCTION casework_judge_again() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE SQLSTATE 'CW449';
END $$;

-- Whether an event is judged by what another one may change that is no longer waited for: all but
-- what simply follows in a case's history, and leaves other cases as they are.
CREATE FUNCTION casework_is_entangled(said jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT said ->> 'kind' IS DISTINCT FROM 'case' OR said ?| ARRAY['amends', 'redacts', 'strikes']
        OR coalesce(said -> 'changes' ? 'links', true)
$$;

-- Take events into the log, in their order, and write what they leave; return the first one's
-- number. `ours` are events that are made here.
--
-- Each is checked by itself. New cases and their events wait to be written together, for an import has
-- thousands of them: until a check that may look for them in the tables.
--
-- Everybody waits for the head of the log. Unless they are taken `alone`, acts that only carry on with
-- their cases are judged, and their rows written, before it is locked: the cases are locked, and
-- where anything but cases has changed by then, they are judged again (CW449), alone.
--
-- Of a batch, which makes one transaction of several calls, what a case comes to is judged `later`.
CREATE FUNCTION casework_take(
    bodies text[], disclosures text[], ours boolean DEFAULT false, alone boolean DEFAULT true,
    later boolean DEFAULT false
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    rules constant jsonb := casework_rules();
    seen constant bigint := (SELECT size FROM log_head);
    first bigint;
    next_seq bigint;
    new_peaks bytea;
    said jsonb;
    written text[];
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
    was_out boolean := false;
    waits boolean := false;
    waiting jsonb[] := '{}';
    keys text[] := '{}';
    -- What was taken and is not in the log yet.
    taken jsonb[] := '{}';
    pieces text[] := '{}';
    follows bigint[] := '{}';
BEGIN
    IF NOT casework_is_somebody() THEN
        PERFORM casework_deny(format('nobody in this register has the login %s', session_user));
    END IF;
    FOR place IN 1 .. coalesce(array_length(bodies, 1), 0) + 1 LOOP
        -- Behind the last event there is none, which is of no record.
        said := NULL;
        IF place <= array_length(bodies, 1) THEN
            IF greatest(octet_length(bodies[place]), octet_length(disclosures[place]))
                > (rules ->> 'limit')::integer OR disclosures[place] IS NULL
            THEN
                PERFORM casework_deny('the event is too long');
            END IF;
            said := bodies[place]::jsonb;
            IF jsonb_typeof(said) IS DISTINCT FROM 'object' THEN
                PERFORM casework_deny('the event is not an object');
            END IF;
        END IF;
        IF owed.code IS NOT NULL AND (said ->> 'act', said ->> 'kind', said ->> 'key')
            IS DISTINCT FROM (owed.verb::text, owed.subject_kind::text, owed.subject::text)
        THEN
            PERFORM casework_deny(format('%s is confirmed, but its act does not follow', owed.code));
        END IF;
        owed := NULL;
        IF kind IS NOT NULL
            AND (kind, record_key) IS DISTINCT FROM (said ->> 'kind', said ->> 'key')
        THEN
            IF known IS NOT NULL THEN
                SELECT * INTO next_seq, new_peaks FROM casework_log(taken, pieces, follows,
                    disclosures[place - cardinality(taken):place - 1], next_seq, new_peaks);
                taken := '{}';
                pieces := '{}';
                follows := '{}';
                fields := casework_judged(
                    kind, record_key, stands, held, before, known, first_new, later);
            END IF;
            IF casework_is_out(known) AND kind = 'case' THEN
                PERFORM casework_write_out(record_key, stands, next_seq - 1);
            ELSIF waits THEN
                waiting := waiting || stands;
            ELSIF was_out THEN
                DELETE FROM struck_case WHERE ref = record_key;
                PERFORM casework_write_cases(ARRAY[stands]);
            ELSE
                PERFORM casework_write(kind, record_key, stands, made, fields);
            END IF;
            keys := keys || record_key;
        END IF;
        IF next_seq IS NULL
            AND (alone OR said IS NULL OR casework_is_entangled(said) OR said ->> 'key' = ANY (keys))
        THEN
            IF place > 1 AND said IS NOT NULL THEN
                PERFORM casework_judge_again();
            END IF;
            PERFORM casework_held('log_head', 'id', '1');
            SELECT size, peaks INTO STRICT next_seq, new_peaks FROM log_head;
            first := next_seq;
            IF place > 1 AND (
                EXISTS (SELECT FROM event WHERE seq >= seen AND event.kind <> 'case')
                OR waiting <> '{}' AND EXISTS (SELECT FROM "case" WHERE ref = ANY (keys)
                    AND ref IN (SELECT one ->> 'ref' FROM unnest(waiting) AS one))
            ) THEN
                PERFORM casework_judge_again();
            END IF;
        END IF;
        IF next_seq IS NOT NULL AND (
            said IS NULL OR said ->> 'kind' <> 'case' OR said ->> 'key' = ANY (keys)
            OR said ? 'redacts' OR said -> 'changes' ? 'links' OR NOT waits)
        THEN
            SELECT * INTO next_seq, new_peaks FROM casework_log(taken, pieces, follows,
                disclosures[place - cardinality(taken):place - 1], next_seq, new_peaks);
            taken := '{}';
            pieces := '{}';
            follows := '{}';
            PERFORM casework_write_cases(waiting);
            waiting := '{}';
            keys := '{}';
        END IF;
        EXIT WHEN said IS NULL;
        IF (kind, record_key) IS DISTINCT FROM (said ->> 'kind', said ->> 'key') THEN
            kind := said ->> 'kind';
            record_key := said ->> 'key';
            fields := '{}';
            IF NOT coalesce(rules -> 'kinds' ? kind, false) THEN
                PERFORM casework_deny(format('there is no kind of record called %s', kind));
            END IF;
            -- Most are cases: this statement is planned once.
            IF kind = 'case' THEN
                SELECT to_jsonb(one) INTO stands
                FROM "case" AS one WHERE ref = record_key FOR NO KEY UPDATE;
            ELSE
                EXECUTE format(
                    'SELECT to_jsonb(held) FROM %I AS held WHERE %I = $1 FOR NO KEY UPDATE',
                    kind, rules #>> ARRAY['kinds', kind, 'key']
                ) INTO stands USING record_key;
            END IF;
            was_out := false;
            IF kind = 'case' AND stands IS NULL THEN
                stands := casework_struck(record_key);
                was_out := stands IS NOT NULL;
                IF NOT was_out AND EXISTS (
                    SELECT FROM struck_case WHERE ref_key = casework_fold_code(record_key))
                THEN
                    PERFORM casework_deny(format('%s was the reference of another case', record_key));
                END IF;
            END IF;
            made := stands IS NULL;
            waits := made AND kind = 'case';
            SELECT coalesce(max(event.seq), -1), to_char(max(
                CASE WHEN moved_day.seq IS NULL THEN event.effective_on ELSE moved_day.day END
            ), 'YYYY-MM-DD') INTO last, last_day
            FROM event LEFT JOIN moved_day USING (seq)
            WHERE event.kind = said ->> 'kind' AND event.key = record_key;
            known := casework_disordered(said, bodies, place, last_day);
            IF known IS NOT NULL AND next_seq IS NULL THEN
                PERFORM casework_judge_again();
            END IF;
            IF was_out AND known IS NULL THEN
                PERFORM casework_deny(format('the first act on %s %s is taken out', kind, record_key));
            END IF;
            held := stands;
            before := known;
            first_new := next_seq + cardinality(taken);
        END IF;
        written := casework_pieces(said);
        IF '{' || array_to_string(written, ',') || '}' <> bodies[place] THEN
            PERFORM casework_deny('the event is not in its canonical form');
        END IF;
        SELECT * INTO stands, known FROM casework_folded(
            said, next_seq + cardinality(taken), disclosures[place]::jsonb, disclosures[place], stands,
            ours, made, known);
        taken := taken || said;
        pieces := pieces || written;
        follows := follows || last;
        -- The next one of the record comes after this one.
        last := NULL;
        IF said ? 'redacts' THEN
            SELECT * INTO next_seq, new_peaks FROM casework_log(
                taken, pieces, follows, disclosures[place:place], next_seq, new_peaks);
            taken := '{}';
            pieces := '{}';
            follows := '{}';
            PERFORM casework_erase(said);
        END IF;
        fields := fields || ARRAY(
            SELECT name FROM jsonb_object_keys(said -> 'changes') AS name
            WHERE name <> ALL (fields));
        IF kind = 'request' AND said ->> 'act' = 'confirm' THEN
            owed := jsonb_populate_record(NULL::request, stands);
        END IF;
    END LOOP;
    UPDATE log_head SET size = next_seq, peaks = new_peaks, root = casework_root(new_peaks);
    RETURN first;
END $$;
