-- Who may record an act, and what the act may change.

-- Whether what is asked for could be an act on a record of its kind.
CREATE FUNCTION casework_is_asked(what jsonb, request jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT casework_wrong(what, casework_rules() -> 'asked') IS NULL
        AND casework_rules() #> ARRAY['kinds', request ->> 'subject_kind', 'acts']
            ? (request ->> 'verb')
        AND NOT EXISTS (
            SELECT FROM jsonb_each(what -> 'changes') AS given
            WHERE casework_wrong(given.value, casework_rules()
                #> ARRAY['kinds', request ->> 'subject_kind', 'forms', given.key]) IS NOT NULL
        )
$$;

-- Who may decide what is asked for of a kind of record, each by a login of their own.
CREATE FUNCTION casework_deciders(subject_kind text) RETURNS SETOF person
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (login) person.* FROM person
    WHERE casework_rules() #> ARRAY['guards', 'decides', subject_kind] ? role
        AND login IS NOT NULL AND ended_on IS NULL
    ORDER BY login
$$;

-- Whether somebody may carry out what they asked for themselves: for a reason, where nobody else
-- could confirm it, once it has waited long enough by this server's clock.
CREATE FUNCTION casework_is_alone(said jsonb, stands jsonb) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT said ? 'reason'
        AND NOT EXISTS (
            SELECT FROM casework_deciders(stands ->> 'subject_kind') AS other
            WHERE other.code NOT IN (
                stands ->> 'asked_by', coalesce(stands ->> 'asked_for', stands ->> 'asked_by'))
        )
        AND coalesce((
            SELECT recorded_at::timestamptz <= clock_timestamp()
                - make_interval(days => (casework_rules() #>> '{guards,wait_days}')::integer)
            FROM event WHERE kind = 'request' AND key = stands ->> 'code' AND act = 'ask'
        ), false)
$$;

-- Whether what changes is for two people to decide, as guards.needs_second has it.
CREATE FUNCTION casework_needs_second(said jsonb, changes jsonb, stands jsonb, moved jsonb)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    guards constant jsonb := casework_rules() -> 'guards';
    resolved constant text := guards ->> 'resolved';
    named text;
BEGIN
    IF said ? 'redacts' AND said ->> 'kind' <> 'request' THEN
        RETURN true;
    END IF;
    CASE said ->> 'kind'
        WHEN 'register' THEN
            RETURN stands IS NOT NULL AND NOT (
                changes ? 'signing_key' AND changes - 'signing_key' = '{}');
        WHEN 'person' THEN
            -- While there is a deputy, who it is and for how long changes who may decide.
            RETURN (
                changes ?| ARRAY(SELECT jsonb_array_elements_text(
                    CASE WHEN coalesce(moved -> 'deputy', 'null') = 'null'
                        THEN guards -> 'may_decide'
                        ELSE (guards -> 'may_decide') || (guards -> 'absence')
                    END))
                AND guards #> '{decides,person}' ?| ARRAY[stands ->> 'role', moved ->> 'role']
            ) IS TRUE;
        WHEN 'case' THEN
            IF (
                stands ->> 'state' IS DISTINCT FROM moved ->> 'state'
                AND resolved IN (stands ->> 'state', moved ->> 'state')
            ) IS TRUE THEN
                RETURN true;
            END IF;
            named := CASE
                WHEN stands IS NULL THEN NULL
                WHEN stands ->> 'state' = resolved THEN 'settled'
                WHEN (stands ->> 'reopened')::integer > 0 THEN 'kept'
                ELSE 'always'
            END;
            RETURN (changes ?| ARRAY(SELECT jsonb_array_elements_text(guards -> named))) IS TRUE;
        ELSE
            RETURN false;
    END CASE;
END $$;

-- Whether the events just before erase what a request was about, with which it is erased too.
CREATE FUNCTION casework_is_forgotten(said jsonb, stands jsonb) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM event LEFT JOIN request ON event.kind = 'request' AND request.code = event.key
        WHERE event.seq = (said ->> 'seq')::bigint - 1 AND event.act = 'redact'
            AND coalesce(request.subject_kind, event.kind) = stands ->> 'subject_kind'
            AND coalesce(request.subject, event.key) = stands ->> 'subject'
    )
$$;

-- Whether an event on a request says what its actor may say of it.
CREATE FUNCTION casework_is_request(said jsonb, stands jsonb, moved jsonb, actor person)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE said ->> 'act'
        WHEN 'ask' THEN
            stands IS NULL AND moved ->> 'asked_by' = actor.code AND moved -> 'decided' = 'null'
            AND moved -> 'asked_for' = coalesce(said -> 'deputy_of', 'null')
            AND moved -> 'asked_on' = said -> 'effective_on'
            AND casework_canonical((moved ->> 'what')::jsonb) = moved ->> 'what'
            AND casework_is_asked((moved ->> 'what')::jsonb, moved)
        WHEN 'redact' THEN
            stands -> 'decided' <> 'null' AND (said -> 'changes') - 'what' = '{}'
            AND (casework_is_forgotten(said, stands)
                OR NOT EXISTS (SELECT FROM register WHERE four_eyes IS NOT NULL))
        ELSE
            stands -> 'decided' = 'null'
            AND (said -> 'changes') - ARRAY['decided', 'decided_by', 'decided_on'] = '{}'
            AND moved ->> 'decided_by' = actor.code
            AND moved -> 'decided_on' = said -> 'effective_on'
            AND CASE said ->> 'act'
                WHEN 'confirm' THEN
                    moved ->> 'decided' = 'confirmed'
                    AND (
                        NOT ARRAY[stands ->> 'asked_by', stands ->> 'asked_for']
                            && ARRAY[actor.code::text, said ->> 'deputy_of']
                        OR casework_is_alone(said, stands)
                    )
                ELSE moved ->> 'decided' = 'refused'
            END
    END, false)
$$;

-- Refuse an act that needs a second person, unless the event before it confirms a request for the
-- very same, by somebody who may do it themselves. Its reason is given as it was opened.
CREATE FUNCTION casework_permit_second(said jsonb, moved jsonb, rule jsonb) RETURNS void
LANGUAGE plpgsql STABLE AS $$
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
        AND request.subject_kind = said ->> 'kind' AND request.subject = said ->> 'key'
        AND convert_from(event.body, 'UTF8')::jsonb -> 'deputy_of'
            IS NOT DISTINCT FROM said -> 'deputy_of';
    SELECT role INTO asker FROM person WHERE code = coalesce(asked.asked_for, asked.asked_by);
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
    FOREACH name IN ARRAY ARRAY[
        'effective_on', 'reason', 'document', 'document_date', 'amends', 'strikes'] LOOP
        IF coalesce(said -> name, 'null') <> coalesce(wanted -> name, 'null') THEN
            PERFORM casework_deny(format('the %s of it is not what was asked for', name));
        END IF;
    END LOOP;
    IF coalesce(said -> 'redacts', '[]') IS DISTINCT FROM wanted -> 'redacts' THEN
        PERFORM casework_deny('what it erases is not what was asked for');
    END IF;
END $$;

-- The person within whose rights a deputy acts: the one away, for whom they stand in on the day of
-- the event. Nobody says in another's name that they are away, or back.
CREATE FUNCTION casework_entitled(said jsonb, actor person) RETURNS person
LANGUAGE plpgsql STABLE AS $$
DECLARE
    day constant date := (
        SELECT ((said ->> 'recorded_at')::timestamptz AT TIME ZONE register.zone)::date
        FROM register);
    rules constant jsonb := casework_rules() -> 'deputies';
    away person;
BEGIN
    SELECT * INTO away FROM person WHERE code = said ->> 'deputy_of';
    IF NOT casework_stands_in(actor, away, day)
        OR said ->> 'act' IN (rules ->> 'away', rules ->> 'back')
    THEN
        PERFORM casework_deny(
            format('%s does not stand in for %s', actor.code, said ->> 'deputy_of'));
    END IF;
    RETURN away;
END $$;

-- Refuse an event that says of an absence what it may not say, as deputies.is_said has it.
CREATE FUNCTION casework_permit_absence(said jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules constant jsonb := casework_rules() -> 'deputies';
    fields constant text[] := ARRAY(SELECT jsonb_array_elements_text(rules -> 'fields'));
    verb constant text := said ->> 'act';
    own constant boolean := said -> 'changes' ?| fields;
    nobody constant jsonb := '{"away_from": null, "away_to": null, "deputy": null}';
    sound boolean;
BEGIN
    sound := CASE
        WHEN verb NOT IN (rules ->> 'away', rules ->> 'back') THEN NOT own
        WHEN NOT own OR (said -> 'changes') - fields <> '{}' THEN false
        WHEN verb = rules ->> 'back' THEN moved @> nobody
        ELSE moved ->> 'away_from' <= moved ->> 'away_to' AND rules -> 'roles' ? (moved ->> 'role')
            AND moved -> 'ended_on' = 'null' AND EXISTS (
                SELECT FROM person WHERE code = moved ->> 'deputy' AND code <> moved ->> 'code'
                    AND rules -> 'roles' ? role AND ended_on IS NULL)
    END;
    IF sound IS NOT TRUE THEN
        PERFORM casework_deny(
            format('%s %s says of an absence what it may not say', verb, said ->> 'key'));
    END IF;
END $$;

-- The row of the table of rights that lets an actor record an event, whatever it says: nothing of a
-- record is compared for who may not act on it, or values could be guessed that are not to be read.
-- Whether the act is possible is asked of the record as it `stood` on its day.
CREATE FUNCTION casework_right(said jsonb, stands jsonb, stood jsonb, actor person) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
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
    IF said ? 'deputy_of' THEN
        actor := casework_entitled(said, actor);
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

    IF kind = 'person' AND said ->> 'key' = actor.code
        AND rules #> '{deputies,roles}' ? actor.role
    THEN
        who := who || 'self'::text;
    END IF;

    IF kind <> 'case' OR stands IS NULL THEN
        rule := rules #> ARRAY['registering', kind, verb];
    ELSE
        rule := rules #> ARRAY['acts', verb, stood ->> 'state'];
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
        PERFORM casework_deny(format('%s may not record the acts of others', actor.code));
    END IF;
    RETURN rule;
END $$;

-- Whether somebody is of an organisation, or of a body below it, and so may handle its cases.
CREATE FUNCTION casework_handles(officer text, owner text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE above(code) AS (
        SELECT org FROM person WHERE person.code = officer
        UNION
        SELECT parent FROM organisation JOIN above USING (code)
    )
    SELECT EXISTS (SELECT FROM above WHERE above.code = owner)
$$;

-- Refuse an event that says of the register itself what its act does not change: a log has one
-- first key, and an origin is given up only for another that names it.
CREATE FUNCTION casework_permit_register(
    said jsonb, stands jsonb, moved jsonb, changes jsonb
) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    verb constant text := said ->> 'act';
BEGIN
    IF stands IS NULL THEN
        RETURN;
    END IF;
    IF (said -> 'changes') - ARRAY(SELECT jsonb_array_elements_text(changes)) <> '{}' THEN
        PERFORM casework_deny(format('%s cannot change these fields of the register', verb));
    END IF;
    IF verb = 'key' AND stands -> 'signing_key' <> 'null' THEN
        PERFORM casework_deny('the log has a key already');
    END IF;
    IF verb = 'trial' THEN
        PERFORM casework_deny('a trial copy can be made only in a file');
    END IF;
    IF verb = 'loss' AND (
        moved -> 'origin' = stands -> 'origin'
        OR (moved -> 'origins') - (-1) IS DISTINCT FROM stands -> 'origins'
        OR moved #> '{origins,-1,1}' IS DISTINCT FROM stands -> 'origin'
        OR moved #>> '{origins,-1,0}' = 'trial'
    ) THEN
        PERFORM casework_deny('a new origin must name the one before it');
    END IF;
END $$;

-- Refuse an event on an issued paper that gives it another number than the next of its year, or that
-- withdraws it otherwise than as it stands, as numbering.is_said has it.
CREATE FUNCTION casework_permit_paper(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules constant jsonb := casework_rules() -> 'numbering';
    verb constant text := said ->> 'act';
    year constant text := left(moved ->> 'issued_on', 4);
    number constant bigint := moved ->> 'paper_number';
    fields constant text[] := ARRAY(SELECT jsonb_array_elements_text(rules -> 'withdrawn'));
    last bigint;
    sound boolean := true;
BEGIN
    IF verb = rules ->> 'issue' THEN
        SELECT max(paper_number) INTO last FROM paper
        WHERE issued_on BETWEEN (year || '-01-01')::date AND (year || '-12-31')::date;
        sound := stands IS NULL AND moved -> 'recalled_on' = 'null'
            AND moved -> 'issued_on' = said -> 'effective_on' AND number > 0
            AND moved ->> 'code' = year || '-' || lpad(number::text, greatest(4, length(number::text)), '0')
            AND number = coalesce(last + 1, number);
    ELSIF verb = rules ->> 'withdraw' THEN
        sound := stands -> 'recalled_on' = 'null' AND moved -> 'recalled_on' <> 'null'
            AND (said -> 'changes') - fields = '{}';
    END IF;
    IF sound IS NOT TRUE THEN
        PERFORM casework_deny(
            format('%s %s would break the run of numbers', verb, said ->> 'key'));
    END IF;
END $$;

-- What an event in its place among others changes of the row, and what it says itself: its changes,
-- and what becomes of them, as `Act.made` has it.
CREATE FUNCTION casework_made(
    said jsonb, stands jsonb, moved jsonb, knows jsonb, OUT changes jsonb, OUT becomes jsonb
)
LANGUAGE sql IMMUTABLE AS $$
    SELECT (said -> 'changes') || coalesce(jsonb_object_agg(
            name, jsonb_build_array(stands -> name, after -> name)), '{}'),
        coalesce(stands, moved) || coalesce(jsonb_object_agg(name, after -> name), '{}')
    FROM (SELECT CASE knows -> 'steps' WHEN '[]' THEN stands
            ELSE knows #> '{steps,-1,after}' END) AS one (after),
        jsonb_object_keys(casework_rules() #> ARRAY['kinds', said ->> 'kind', 'start']) AS name
    WHERE stands -> name IS DISTINCT FROM after -> name
$$;

-- Refuse an event that says of a record what its row of the table does not let it say. `held` is the
-- record as the register has it; `knows` is the timeline with the event, where it stands in its
-- place among others.
CREATE FUNCTION casework_permit(
    said jsonb, stands jsonb, moved jsonb, actor person, rule jsonb, made boolean, held jsonb,
    knows jsonb
) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules constant jsonb := casework_rules();
    kind constant text := said ->> 'kind';
    verb constant text := said ->> 'act';
    what constant text := format('%s %s %s', verb, kind, said ->> 'key');
    told constant boolean := said ? 'reported';
    linked jsonb;
    confirmed boolean := false;
    changes jsonb := said -> 'changes';
    becomes jsonb := moved;
BEGIN
    IF told AND NOT made AND NOT casework_keeps() THEN
        PERFORM casework_deny(format('the acts of others are recorded only with a new case, not with %s', what));
    END IF;
    IF said ? 'redacts' AND verb <> 'redact' THEN
        PERFORM casework_deny(format('%s cannot erase anything', what));
    END IF;
    IF said ? 'redacts' AND NOT said ? 'reason' THEN
        PERFORM casework_deny(format('%s must state its legal basis', what));
    END IF;
    IF verb = 'redact' AND NOT told AND EXISTS (
        SELECT FROM jsonb_object_keys(said -> 'changes') AS field
        WHERE rules #> ARRAY['kinds', kind, 'withheld', field] IS DISTINCT FROM moved -> field
    ) THEN
        PERFORM casework_deny(format('%s only erases; it cannot set a value', what));
    END IF;

    IF EXISTS (SELECT FROM register WHERE four_eyes IS NOT NULL) THEN
        IF knows IS NOT NULL THEN
            SELECT * INTO changes, becomes FROM casework_made(said, held, moved, knows);
        END IF;
        confirmed := casework_needs_second(said, changes, held, becomes);
    END IF;
    IF confirmed THEN
        PERFORM casework_permit_second(said, moved, rule);
    END IF;
    IF kind = 'request' AND NOT casework_is_request(said, stands, moved, actor) THEN
        PERFORM casework_deny(format('%s may not %s', actor.code, what));
    END IF;

    IF kind = 'register' THEN
        PERFORM casework_permit_register(said, stands, moved, rules #> ARRAY['of_register', verb]);
    END IF;
    IF kind = 'person' AND said ->> 'key' IN (actor.code, said ->> 'deputy_of')
        AND said -> 'changes' ? 'role'
    THEN
        PERFORM casework_deny(format('%s may not change their own role', said ->> 'key'));
    END IF;
    IF kind = 'person' THEN
        PERFORM casework_permit_absence(said, moved);
    END IF;
    IF kind = 'paper' THEN
        PERFORM casework_permit_paper(said, stands, moved);
    END IF;
    linked := CASE
        WHEN kind = 'person' AND NOT confirmed THEN said #> '{changes,login,1}'
        WHEN kind = 'request' AND verb = 'ask' THEN (moved ->> 'what')::jsonb #> '{changes,login}'
    END;
    IF linked <> 'null' AND NOT casework_keeps() THEN
        PERFORM casework_deny('only the operator of the server grants logins');
    END IF;
    IF kind = 'register' AND moved -> 'four_eyes' <> 'null' AND stands -> 'four_eyes' = 'null'
        AND (SELECT count(*) FROM casework_deciders('case')) < 2
    THEN
        PERFORM casework_deny('four eyes need two people who may decide, each with their own login');
    END IF;
    IF kind = 'case' THEN
        PERFORM casework_permit_case(
            said, stands, moved, knows IS NOT NULL AND NOT said ? 'amends');
    END IF;
END $$;
