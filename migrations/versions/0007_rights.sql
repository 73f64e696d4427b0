-- The rights of a shared register, decided where nobody's program can be changed: in the server.
--
-- Tables belong to whoever owns them and to nobody else. What a login reads is decided by the
-- policies below; what it writes goes through casework_record, which takes events, checks each
-- against the register as it stands and against casework_rules(), and itself writes the rows, the
-- log and its head. Who is connected is session_user, which no setting of a client changes.
--
-- A refusal has the SQLSTATE CW403, a version that is no longer current CW409. Every function
-- looks names up in this schema only: not in the temporary objects of a session, which come last.


-- --- who is connected ---------------------------------------------------------------------------

-- Whether the one connected could do everything anyway: superusers, and members of the owner.
CREATE FUNCTION casework_keeps() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT pg_has_role(session_user, current_user, 'MEMBER')
$$;

CREATE FUNCTION casework_me() RETURNS person
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT person FROM person
    WHERE login = session_user::text AND ended_on IS NULL AND NOT EXISTS (
        -- PostgreSQL itself asks this of passwords only.
        SELECT FROM pg_roles WHERE rolname = session_user AND rolvaliduntil <= clock_timestamp()
    )
$$;

CREATE FUNCTION casework_standing(
    OUT keeps boolean, OUT login text, OUT code text, OUT role text, OUT org text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT casework_keeps(), session_user::text, me.code, me.role, me.org
    FROM (SELECT (casework_me()).*) AS me
$$;

-- Whether the one connected may read the whole register.
CREATE FUNCTION casework_reads_all() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT casework_keeps()
        OR coalesce((casework_me()).role IN ('secretariat', 'inspector', 'admin'), false)
$$;

CREATE FUNCTION casework_is_somebody() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT casework_keeps() OR (casework_me()).role IS NOT NULL
$$;

-- The organisation whose cases a desk reads and answers for.
CREATE FUNCTION casework_office() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT me.org FROM (SELECT (casework_me()).*) AS me WHERE me.role = 'desk'
$$;

-- When the last event was recorded, which whoever may not read it still puts on a paper.
CREATE FUNCTION casework_recorded_at() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT recorded_at FROM event WHERE casework_is_somebody() ORDER BY seq DESC LIMIT 1
$$;


-- --- what may be read ---------------------------------------------------------------------------

-- (SELECT f()) is asked once for a statement, f() once for a row.
ALTER TABLE "case" ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON "case" FOR SELECT USING (
    (SELECT casework_reads_all())
    OR owner = (SELECT casework_office())
    OR proposer = (SELECT casework_office())
    OR coordinating::jsonb ? (SELECT casework_office())
);

ALTER TABLE event ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON event FOR SELECT USING (
    (SELECT casework_reads_all())
    OR (
        (SELECT casework_is_somebody())
        AND CASE kind
            WHEN 'case' THEN EXISTS (SELECT FROM "case" WHERE ref = event.key)
            WHEN 'person' THEN event.key = (SELECT code FROM casework_standing())
            ELSE kind IN ('register', 'organisation', 'conference', 'holiday')
        END
    )
);

ALTER TABLE disclosure ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON disclosure FOR SELECT USING (
    EXISTS (SELECT FROM event WHERE event.seq = disclosure.seq)
);

ALTER TABLE case_coordinating ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON case_coordinating FOR SELECT USING (
    EXISTS (SELECT FROM "case" WHERE "case".ref = case_coordinating.ref)
);

ALTER TABLE case_link ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON case_link FOR SELECT USING (
    EXISTS (SELECT FROM "case" WHERE "case".ref = case_link.ref)
);

ALTER TABLE reminder ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON reminder FOR SELECT USING (
    EXISTS (SELECT FROM "case" WHERE "case".ref = reminder.ref)
);

ALTER TABLE digest ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON digest FOR SELECT USING ((SELECT casework_reads_all()));

ALTER TABLE request ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON request FOR SELECT USING ((SELECT casework_reads_all()));

ALTER TABLE intake ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON intake FOR SELECT USING ((SELECT casework_reads_all()));

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'register', 'organisation', 'person', 'conference', 'holiday', 'name_key', 'log_head'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY casework_reads ON %I FOR SELECT USING ((SELECT casework_is_somebody()))',
            name
        );
    END LOOP;
END $$;


-- --- canonical bytes and the tree ---------------------------------------------------------------

-- The restricted JSON of the log: sorted keys, no white space, no floats (RFC 8785 on this profile).
-- Most values are text or nothing, for which a call of its own would cost more than the value.
CREATE FUNCTION casework_canonical(value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = @schema@, pg_temp AS $$
BEGIN
    CASE jsonb_typeof(value)
        WHEN 'object' THEN
            RETURN '{' || coalesce((
                SELECT string_agg(
                    to_jsonb(pair.key)::text || ':' || CASE
                        WHEN jsonb_typeof(pair.value) IN ('string', 'null') THEN pair.value::text
                        ELSE casework_canonical(pair.value)
                    END, ',' ORDER BY pair.key COLLATE "C"
                )
                FROM jsonb_each(value) AS pair
            ), '') || '}';
        WHEN 'array' THEN
            RETURN '[' || coalesce((
                SELECT string_agg(
                    CASE
                        WHEN jsonb_typeof(item.value) IN ('string', 'null') THEN item.value::text
                        ELSE casework_canonical(item.value)
                    END, ',' ORDER BY item.place
                )
                FROM jsonb_array_elements(value) WITH ORDINALITY AS item (value, place)
            ), '') || ']';
        WHEN 'number' THEN
            -- One spelling of each whole number, and none of a fraction.
            RETURN trunc((value #>> '{}')::numeric)::text;
        ELSE
            RETURN value::text;
    END CASE;
END $$;

-- SHA-256 over a tag, the salt and the value, in hexadecimal.
CREATE FUNCTION casework_commitment(salt text, value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = @schema@, pg_temp AS $$
    SELECT encode(
        sha256(
            convert_to('casework/field/1', 'UTF8') || '\x00'::bytea || decode(salt, 'hex')
            || convert_to(casework_canonical(value), 'UTF8')
        ),
        'hex'
    )
$$;

-- The peaks of a log of `size` leaves once a leaf is added (RFC 6962, 2.1).
CREATE FUNCTION casework_grown(peaks bytea, size bigint, leaf bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = @schema@, pg_temp AS $$
BEGIN
    WHILE size % 2 = 1 LOOP
        leaf := sha256('\x01'::bytea || substr(peaks, length(peaks) - 31) || leaf);
        peaks := substr(peaks, 1, length(peaks) - 32);
        size := size / 2;
    END LOOP;
    RETURN peaks || leaf;
END $$;

CREATE FUNCTION casework_root(peaks bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = @schema@, pg_temp AS $$
DECLARE
    root bytea := substr(peaks, length(peaks) - 31);
BEGIN
    IF length(peaks) = 0 THEN
        RETURN sha256(''::bytea);
    END IF;
    FOR place IN REVERSE length(peaks) / 32 - 2 .. 0 LOOP
        root := sha256('\x01'::bytea || substr(peaks, place * 32 + 1, 32) || root);
    END LOOP;
    RETURN root;
END $$;


-- --- refusing -----------------------------------------------------------------------------------

CREATE FUNCTION casework_deny(words text) RETURNS void
LANGUAGE plpgsql SET search_path = @schema@, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CW403', MESSAGE = words;
END $$;

-- The value of a private field, once what is disclosed of it is what the event commits to.
CREATE FUNCTION casework_opened(held jsonb, disclosed jsonb, path text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    salt text := disclosed #>> ARRAY[path, '0'];
    value jsonb := disclosed #> ARRAY[path, '1'];
BEGIN
    IF held = 'null' OR held = '[]' THEN
        RETURN held;
    END IF;
    IF jsonb_typeof(held) <> 'object' OR held - 'commitment' <> '{}' THEN
        PERFORM casework_deny(format('%s is private and stands in the event in clear', path));
    END IF;
    IF salt IS NULL OR salt !~ '^[0-9a-f]{32}$' OR jsonb_array_length(disclosed -> path) <> 2
        OR casework_commitment(salt, value) IS DISTINCT FROM held ->> 'commitment'
    THEN
        PERFORM casework_deny(format('%s is not what the event commits to', path));
    END IF;
    RETURN value;
END $$;


-- --- what may be written ------------------------------------------------------------------------

-- Whether the one connected may read a record, as the policies have it.
CREATE FUNCTION casework_sees(kind text, stands jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = @schema@, pg_temp AS $$
    SELECT casework_reads_all() OR coalesce(
        CASE kind
            WHEN 'case' THEN
                casework_office() IN (stands ->> 'owner', stands ->> 'proposer')
                OR stands -> 'coordinating' ? casework_office()
            ELSE kind IN ('register', 'organisation', 'person', 'conference', 'holiday')
        END,
        false
    )
$$;

-- Lock records in the order given; tell of each its version and its last event, -1 without one.
CREATE FUNCTION casework_lock(kinds text[], keys text[], OUT version integer, OUT last bigint)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    found jsonb;
BEGIN
    IF NOT casework_is_somebody() THEN
        PERFORM casework_deny(format('nobody in this register has the login %s', session_user));
    END IF;
    FOR place IN 1 .. coalesce(array_length(keys, 1), 0) LOOP
        IF NOT rules -> 'kinds' ? kinds[place] THEN
            PERFORM casework_deny(format('there is no kind of record %s', kinds[place]));
        END IF;
        EXECUTE format(
            'SELECT to_jsonb(held) FROM %I AS held WHERE %I = $1 FOR NO KEY UPDATE',
            kinds[place], rules #>> ARRAY['kinds', kinds[place], 'key']
        ) INTO found USING keys[place];
        IF found IS NULL OR NOT casework_sees(kinds[place], found) THEN
            RAISE EXCEPTION USING ERRCODE = 'CW409',
                MESSAGE = format('there is no %s %s', kinds[place], keys[place]);
        END IF;
        version := found ->> 'version';
        SELECT coalesce(max(event.seq), -1) INTO last
        FROM event WHERE event.kind = kinds[place] AND event.key = keys[place];
        RETURN NEXT;
    END LOOP;
END $$;

-- Lock the head of the log, which is locked last and released with the transaction.
CREATE FUNCTION casework_head(OUT size bigint, OUT root bytea, OUT peaks bytea)
RETURNS SETOF record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    IF NOT casework_is_somebody() THEN
        PERFORM casework_deny(format('nobody in this register has the login %s', session_user));
    END IF;
    RETURN QUERY SELECT held.size, held.root, held.peaks FROM log_head AS held FOR UPDATE;
END $$;

-- Whether an event on a request says what its actor may say of it.
CREATE FUNCTION casework_is_request(said jsonb, stands jsonb, moved jsonb, actor person)
RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = @schema@, pg_temp AS $$
    SELECT coalesce(CASE said ->> 'act'
        WHEN 'ask' THEN
            stands IS NULL AND moved ->> 'asked_by' = actor.code AND moved -> 'decided' = 'null'
        WHEN 'redact' THEN
            stands -> 'decided' <> 'null' AND (said -> 'changes') - 'what' = '{}'
        ELSE
            stands -> 'decided' = 'null'
            AND (said -> 'changes') - ARRAY['decided', 'decided_by', 'decided_on'] = '{}'
            AND moved ->> 'decided_by' = actor.code
            AND moved -> 'decided_on' = said -> 'effective_on'
            AND CASE said ->> 'act'
                WHEN 'confirm' THEN
                    moved ->> 'decided' = 'confirmed' AND stands ->> 'asked_by' <> actor.code
                ELSE moved ->> 'decided' = 'refused'
            END
    END, false)
$$;

-- Refuse an act that needs a second person, unless the event before it confirms a request for the
-- very same, by somebody who may do it themselves. Its reason is given as it was opened.
CREATE FUNCTION casework_permit_second(said jsonb, moved jsonb, rule jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    gives constant jsonb := casework_rules() -> 'changes' -> (said ->> 'act');
    asked request;
    wanted jsonb;
    asker text;
    name text;
BEGIN
    SELECT request.* INTO asked FROM event JOIN request ON request.code = event.key
    WHERE event.seq = (said ->> 'seq')::bigint - 1 AND event.kind = 'request'
        AND event.act = 'confirm' AND request.verb = said ->> 'act'
        AND request.subject_kind = said ->> 'kind' AND request.subject = said ->> 'key';
    SELECT role INTO asker FROM person WHERE code = asked.asked_by;
    IF NOT coalesce(rule -> 'who' ? asker, false) THEN
        PERFORM casework_deny(
            format('%s %s %s needs a second person', said ->> 'act', said ->> 'kind', said ->> 'key'));
    END IF;
    wanted := asked.what::jsonb;
    FOR name IN
        SELECT jsonb_object_keys(said -> 'changes')
        UNION SELECT jsonb_object_keys(wanted -> 'changes')
    LOOP
        CONTINUE WHEN gives ->> name = 'actor';
        IF moved -> name IS DISTINCT FROM wanted -> 'changes' -> name
            OR NOT said -> 'changes' ? name
        THEN
            PERFORM casework_deny(format('%s is not what was asked for', name));
        END IF;
    END LOOP;
    FOREACH name IN ARRAY ARRAY['effective_on', 'reason', 'document'] LOOP
        IF coalesce(said -> name, 'null') IS DISTINCT FROM wanted -> name THEN
            PERFORM casework_deny(format('the %s of it is not what was asked for', name));
        END IF;
    END LOOP;
    IF coalesce(said -> 'redacts', '[]') IS DISTINCT FROM wanted -> 'redacts' THEN
        PERFORM casework_deny('what it erases is not what was asked for');
    END IF;
END $$;

-- The row of the table of rights that lets an actor record an event, whatever it says: nothing of a
-- record is compared for who may not act on it, or values could be guessed that are not to be read.
CREATE FUNCTION casework_right(said jsonb, stands jsonb, actor person) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    kind constant text := said ->> 'kind';
    verb constant text := said ->> 'act';
    what constant text := format('%s %s %s', verb, kind, said ->> 'key');
    who text[] := ARRAY[]::text[];
    rule jsonb;
BEGIN
    IF NOT casework_sees(kind, stands) THEN
        stands := NULL;
    END IF;
    IF actor.role IN ('secretariat', 'admin') THEN
        who := ARRAY[actor.role];
    ELSIF actor.role = 'desk' AND actor.org IS NOT NULL AND kind = 'case' AND stands IS NOT NULL THEN
        who := array_remove(ARRAY[
            CASE WHEN stands ->> 'owner' = actor.org THEN 'owner' END,
            CASE WHEN stands -> 'coordinating' ? actor.org THEN 'coordinating' END,
            CASE WHEN stands ->> 'proposer' = actor.org THEN 'proposer' END
        ], NULL);
    END IF;

    IF kind <> 'case' OR stands IS NULL THEN
        rule := rules #> ARRAY['registering', kind, verb];
    ELSE
        rule := rules #> ARRAY['acts', verb, stands ->> 'state'];
    END IF;
    IF rule IS NULL THEN
        PERFORM casework_deny(
            CASE WHEN kind = 'case' AND stands IS NULL
                THEN format('there is no case %s', said ->> 'key')
                ELSE format('%s is not possible as it stands', what)
            END);
    END IF;
    IF (rule -> 'who' ?| who) IS NOT TRUE THEN
        PERFORM casework_deny(format('%s may not %s', actor.code, what));
    END IF;
    IF said ? 'reported' AND (rules #> '{registering,intake,import,who}' ?| who) IS NOT TRUE THEN
        PERFORM casework_deny(format('%s may not tell what others did', actor.code));
    END IF;
    RETURN rule;
END $$;

-- Refuse an event that says of a record what its row of the table does not let it say.
CREATE FUNCTION casework_permit(
    said jsonb, stands jsonb, moved jsonb, actor person, rule jsonb, made boolean
) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    kind constant text := said ->> 'kind';
    verb constant text := said ->> 'act';
    what constant text := format('%s %s %s', verb, kind, said ->> 'key');
    told constant boolean := said ? 'reported';
    moves constant boolean := stands -> 'state' <> moved -> 'state';
    name text;
    gives text;
    value jsonb;
BEGIN
    IF told AND NOT made AND NOT casework_keeps() THEN
        PERFORM casework_deny(format('what others did is told with a new case, not of %s', what));
    END IF;
    IF said ? 'redacts' AND verb <> 'redact' THEN
        PERFORM casework_deny(format('%s erases nothing', what));
    END IF;

    -- What is told of a record that came in with it was decided elsewhere.
    IF rules -> 'guarded' -> kind ? verb AND stands IS NOT NULL AND NOT (told AND made)
        AND EXISTS (SELECT FROM register WHERE four_eyes IS NOT NULL)
    THEN
        PERFORM casework_permit_second(said, moved, rule);
    END IF;
    IF kind = 'request' AND NOT casework_is_request(said, stands, moved, actor) THEN
        PERFORM casework_deny(format('%s may not %s', actor.code, what));
    END IF;

    IF kind = 'person' AND said ->> 'key' = actor.code AND said -> 'changes' ? 'role' THEN
        PERFORM casework_deny(format('%s may not change their own role', actor.code));
    END IF;
    IF kind = 'person' AND moved -> 'login' <> 'null' AND said -> 'changes' ? 'login'
        AND NOT casework_keeps()
    THEN
        PERFORM casework_deny('logins are granted by whoever keeps the server');
    END IF;
    IF kind <> 'case' THEN
        RETURN;
    END IF;

    IF moved -> 'state' IS DISTINCT FROM rule -> 'target' THEN
        PERFORM casework_deny(format('%s leads to %s', what, rule ->> 'target'));
    END IF;
    IF moves AND said ->> 'effective_on' < stands ->> 'state_since' THEN
        PERFORM casework_deny(
            format('%s cannot take effect before %s', what, stands ->> 'state_since'));
    END IF;
    IF moves AND NOT told AND stands -> 'held_since' <> 'null' THEN
        PERFORM casework_deny(format('%s is not possible while it is on hold', what));
    END IF;
    FOR name IN SELECT jsonb_object_keys(said -> 'changes') LOOP
        gives := rules #>> ARRAY['changes', verb, name];
        value := moved -> name;
        -- What others did may have been anything; who may tell of it was asked above.
        CONTINUE WHEN told OR gives = 'any';
        IF gives IS NULL THEN
            PERFORM casework_deny(format('%s does not change %s', what, name));
        END IF;
        IF value IS DISTINCT FROM (
            CASE gives
                WHEN 'nothing' THEN 'null'::jsonb
                WHEN 'day' THEN said -> 'effective_on'
                WHEN 'actor' THEN to_jsonb(actor.code)
                WHEN 'target' THEN rule -> 'target'
            END
        ) THEN
            PERFORM casework_deny(format('%s does not set %s to that', what, name));
        END IF;
    END LOOP;
    IF told THEN
        RETURN;
    END IF;
    FOR name IN SELECT jsonb_array_elements_text(rule -> 'needs') LOOP
        IF coalesce(said ->> name, moved ->> name, '') = '' THEN
            PERFORM casework_deny(format('%s needs %s', what, name));
        END IF;
    END LOOP;
END $$;

-- The record an event leaves, once the event is what it must be: canonical, next in the log and in
-- its record's history, of the one who is connected, of this moment, and about what stands there.
CREATE FUNCTION casework_folded(
    said jsonb, written text, disclosed jsonb, opened text, stands jsonb, size bigint, last bigint,
    ours boolean, made boolean
) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    kind constant text := said ->> 'kind';
    form constant jsonb := casework_rules() #> ARRAY['kinds', said ->> 'kind'];
    keeps constant boolean := casework_keeps();
    moved jsonb := stands;
    actor person;
    rule jsonb;
    zone text;
    paths text[] := ARRAY[]::text[];
    name text;
    pair jsonb;
    was jsonb;
    becomes jsonb;
    erased boolean;
BEGIN
    IF casework_canonical(said) <> written OR casework_canonical(disclosed) <> opened THEN
        PERFORM casework_deny('the event is not canonical');
    END IF;
    IF form IS NULL OR said -> 'v' <> '1' OR said - ARRAY[
        'act', 'actor', 'changes', 'command', 'document', 'effective_on', 'key', 'kind', 'login',
        'note', 'prev', 'reason', 'recorded_at', 'redacts', 'reported', 'seq', 'tool', 'v',
        'version'] <> '{}' OR NOT said ?& ARRAY[
        'act', 'actor', 'changes', 'effective_on', 'key', 'kind', 'login', 'prev', 'recorded_at',
        'seq', 'tool', 'version']
    THEN
        PERFORM casework_deny('the event is not of the form of an event');
    END IF;
    SELECT * INTO actor FROM person WHERE code = said ->> 'actor';
    IF NOT keeps THEN
        IF actor.login IS DISTINCT FROM session_user::text OR actor.ended_on IS NOT NULL THEN
            PERFORM casework_deny(
                format('%s cannot act as %s', session_user, said ->> 'actor'));
        END IF;
        IF casework_opened(said -> 'login', disclosed, 'login') <> to_jsonb(session_user::text) THEN
            PERFORM casework_deny('the event names another login');
        END IF;
        IF abs(extract(epoch FROM (said ->> 'recorded_at')::timestamptz - clock_timestamp())) > 300
        THEN
            PERFORM casework_deny(format(
                'the clock of this computer says %s, the server''s says %s',
                said ->> 'recorded_at', date_trunc('second', clock_timestamp())));
        END IF;
    END IF;
    IF said ->> 'recorded_at' !~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$'
        OR said ->> 'effective_on' !~ '^\d{4}-\d\d-\d\d$'
    THEN
        PERFORM casework_deny('the event has no date or no time of its form');
    END IF;
    SELECT register.zone INTO zone FROM register;
    IF zone IS NOT NULL AND (said ->> 'effective_on')::date
        > ((said ->> 'recorded_at')::timestamptz AT TIME ZONE zone)::date
    THEN
        PERFORM casework_deny(format('%s lies in the future', said ->> 'effective_on'));
    END IF;

    -- A register that has nobody yet is begun by whoever keeps the server.
    IF NOT ours AND (NOT keeps OR actor.code IS NOT NULL) THEN
        rule := casework_right(said, stands, actor);
    END IF;
    IF said -> 'seq' <> to_jsonb(size) OR said -> 'prev' <> to_jsonb(last)
        OR said -> 'version' <> to_jsonb(coalesce((stands ->> 'version')::integer, 0) + 1)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'CW409',
            MESSAGE = format('%s %s was changed by somebody else meanwhile', kind, said ->> 'key');
    END IF;

    IF stands IS NULL THEN
        moved := form -> 'blank' || jsonb_build_object(form ->> 'key', said -> 'key', 'version', 0);
    END IF;
    FOR name, pair IN SELECT * FROM jsonb_each(said -> 'changes') LOOP
        IF NOT form -> 'start' ? name OR jsonb_array_length(pair) <> 2 THEN
            PERFORM casework_deny(format('a %s has no %s', kind, name));
        END IF;
        was := pair -> 0;
        becomes := pair -> 1;
        erased := said ? 'redacts' AND form -> 'withheld' ? name;
        IF form -> 'withheld' ? name THEN
            paths := paths || ARRAY[name || '.0', name || '.1'];
            was := casework_opened(was, disclosed, name || '.0');
            becomes := casework_opened(becomes, disclosed, name || '.1');
        END IF;
        IF was <> (
            CASE
                WHEN erased THEN form -> 'withheld' -> name
                WHEN stands IS NULL THEN form -> 'start' -> name
                ELSE stands -> name
            END
        ) THEN
            PERFORM casework_deny(format('%s was not what the event says it was', name));
        END IF;
        moved := moved || jsonb_build_object(name, becomes);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['login', 'note', 'reason'] LOOP
        IF said ? name THEN
            paths := paths || name;
            said := said || jsonb_build_object(name, casework_opened(said -> name, disclosed, name));
        END IF;
    END LOOP;
    IF disclosed - paths <> '{}' THEN
        PERFORM casework_deny('more is disclosed than was committed to');
    END IF;

    IF rule IS NOT NULL THEN
        PERFORM casework_permit(said, stands, moved, actor, rule, made);
    END IF;
    RETURN moved || jsonb_build_object('version', said -> 'version');
END $$;

-- Write a record as it stands, and what is derived from it. What only serves finding is told by
-- the client: nothing is decided by it, and verification computes it again.
CREATE FUNCTION casework_write(
    kind text, record_key text, stands jsonb, made boolean, fields text[], finding jsonb
) RETURNS void
LANGUAGE plpgsql SET search_path = @schema@, pg_temp AS $$
DECLARE
    key_column constant text := casework_rules() #>> ARRAY['kinds', kind, 'key'];
    names text;
BEGIN
    IF kind = 'case' THEN
        stands := stands || jsonb_build_object(
            'search', finding -> 'search',
            'held_days', (
                SELECT coalesce(sum((span ->> 1)::date - (span ->> 0)::date), 0)
                FROM jsonb_array_elements(stands -> 'holds') AS span
            )
        );
        fields := fields || ARRAY['search', 'held_days'];
        IF made THEN
            stands := stands || jsonb_build_object(
                'ref_key', finding -> 'ref_key', 'ref_stem', finding -> 'ref_stem',
                'ref_number', finding -> 'ref_number');
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
    ELSIF kind = 'digest' THEN
        INSERT INTO reminder (ref, level, due, digest)
        SELECT said ->> 0, said ->> 1, said ->> 2, record_key
        FROM jsonb_array_elements(stands -> 'cases') AS said;
    ELSIF kind IN ('organisation', 'person', 'conference') THEN
        DELETE FROM name_key WHERE name_key.kind = casework_write.kind AND code = record_key;
        INSERT INTO name_key (kind, folded, code)
        SELECT casework_write.kind, folded, record_key
        FROM jsonb_array_elements_text(finding -> 'names') AS folded;
    END IF;
END $$;

-- Take disclosures back, for a redaction. Their commitments stay in the log.
CREATE FUNCTION casework_erase(said jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = @schema@, pg_temp AS $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT (one ->> 0)::bigint AS seq, array_agg(one ->> 1) AS paths
        FROM jsonb_array_elements(said -> 'redacts') AS one GROUP BY 1
    LOOP
        IF NOT EXISTS (
            SELECT FROM event
            WHERE seq = place.seq AND event.kind = said ->> 'kind' AND event.key = said ->> 'key'
                AND event.act <> 'redact'
        ) THEN
            PERFORM casework_deny(format('event %s is not one to erase from', place.seq));
        END IF;
        UPDATE disclosure SET body = convert_to(
            casework_canonical(convert_from(disclosure.body, 'UTF8')::jsonb - place.paths), 'UTF8')
        WHERE seq = place.seq;
    END LOOP;
END $$;

-- Take events into the log, in their order, and write what they leave. `finding` has for each
-- record, as kind/key, what only serves to find it. `ours` are events this file makes itself.
CREATE FUNCTION casework_take(
    bodies text[], disclosures text[], finding jsonb, ours boolean DEFAULT false
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
    fields text[];
BEGIN
    IF NOT casework_is_somebody() THEN
        PERFORM casework_deny(format('nobody in this register has the login %s', session_user));
    END IF;
    SELECT size, peaks INTO STRICT next_seq, new_peaks FROM log_head FOR UPDATE;
    FOR place IN 1 .. coalesce(array_length(bodies, 1), 0) LOOP
        said := bodies[place]::jsonb;
        IF (kind, record_key) IS DISTINCT FROM (said ->> 'kind', said ->> 'key') THEN
            IF kind IS NOT NULL THEN
                PERFORM casework_write(
                    kind, record_key, stands, made, fields, finding -> (kind || '/' || record_key));
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
            SELECT coalesce(max(event.seq), -1) INTO last
            FROM event WHERE event.kind = said ->> 'kind' AND event.key = record_key;
        END IF;
        stands := casework_folded(
            said, bodies[place], disclosures[place]::jsonb, disclosures[place], stands, next_seq, last,
            ours, made);
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
        last := next_seq;
        new_peaks := casework_grown(new_peaks, next_seq, leaf);
        next_seq := next_seq + 1;
    END LOOP;
    IF kind IS NOT NULL THEN
        PERFORM casework_write(
            kind, record_key, stands, made, fields, finding -> (kind || '/' || record_key));
    END IF;
    UPDATE log_head SET size = next_seq, peaks = new_peaks, root = casework_root(new_peaks);
END $$;

-- Record that somebody tried what they may not do: an event on themselves, which changes nothing.
CREATE FUNCTION casework_refused(what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    me constant person := casework_me();
    salts constant text[] := ARRAY[
        replace(gen_random_uuid()::text, '-', ''), replace(gen_random_uuid()::text, '-', '')];
    login constant jsonb := to_jsonb(session_user::text);
    note constant jsonb := to_jsonb(left(what, 500));
    moment constant timestamptz := clock_timestamp();
    zone text;
BEGIN
    -- The server's own log keeps it even if this transaction is rolled back.
    RAISE LOG 'casework refused %: %', session_user, what;
    IF me.code IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM person WHERE code = me.code FOR NO KEY UPDATE;
    SELECT register.zone INTO zone FROM register;
    PERFORM FROM log_head FOR UPDATE;
    PERFORM casework_take(
        ARRAY[casework_canonical(jsonb_build_object(
            'act', 'refused', 'actor', me.code, 'changes', '{}'::jsonb,
            'effective_on', to_char(moment AT TIME ZONE zone, 'YYYY-MM-DD'),
            'key', me.code, 'kind', 'person',
            'login', jsonb_build_object('commitment', casework_commitment(salts[1], login)),
            'note', jsonb_build_object('commitment', casework_commitment(salts[2], note)),
            'prev', (SELECT max(seq) FROM event WHERE kind = 'person' AND key = me.code),
            'recorded_at',
            to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'seq', (SELECT size FROM log_head), 'tool', 'casework server', 'v', 1,
            'version', (SELECT version + 1 FROM person WHERE code = me.code)))],
        ARRAY[casework_canonical(jsonb_build_object(
            'login', jsonb_build_array(salts[1], login),
            'note', jsonb_build_array(salts[2], note)))],
        jsonb_build_object('person/' || me.code, jsonb_build_object('names', (
            SELECT coalesce(jsonb_agg(folded), '[]') FROM name_key
            WHERE kind = 'person' AND code = me.code))),
        ours => true);
END $$;

-- The door. Returns why events were refused, once that is recorded, and nothing when they were
-- taken: an exception would also take back the record of the refusal.
CREATE FUNCTION casework_record(bodies text[], disclosures text[], finding jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    why text;
BEGIN
    BEGIN
        PERFORM casework_take(bodies, disclosures, finding);
        RETURN NULL;
    EXCEPTION WHEN SQLSTATE 'CW403' THEN
        GET STACKED DIAGNOSTICS why = MESSAGE_TEXT;
    END;
    PERFORM casework_refused(why);
    RETURN why;
END $$;
