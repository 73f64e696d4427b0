-- What an event must be.

-- The record on which an event that has its place among others was decided: as it stood at the end
-- of its day, or after the event it amends. What strikes says nothing of the record; before its
-- first day a record is what its first act made it.
CREATE FUNCTION casework_stood(said jsonb, stands jsonb, known jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN stands IS NULL OR said ? 'strikes' THEN stands
        WHEN said ? 'amends' THEN casework_step_of(known, said ->> 'amends') -> 'after'
        ELSE coalesce(
            casework_on(said ->> 'kind', known, said ->> 'effective_on'),
            known #> '{steps,0,after}')
    END
$$;

-- Refuse an event that amends or strikes what it cannot.
CREATE FUNCTION casework_permit_amending(said jsonb, known jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    what constant text := format('%s %s %s', said ->> 'act', said ->> 'kind', said ->> 'key');
    struck constant jsonb := said -> 'strikes';
BEGIN
    IF said ->> 'act' <> 'correct' OR said ? 'amends' AND struck IS NOT NULL THEN
        PERFORM casework_deny(format('%s cannot amend an event or take one out', what));
    END IF;
    IF struck IS NULL THEN
        RETURN;
    END IF;
    IF NOT known -> 'events' @> jsonb_build_array(jsonb_build_object('seq', struck)) THEN
        PERFORM casework_deny(format('event %s does not belong to %s', struck, said ->> 'key'));
    END IF;
    IF known -> 'struck' ? (struck #>> '{}') THEN
        PERFORM casework_deny(format('event %s was taken out already', struck));
    END IF;
    IF said -> 'changes' <> '{}' OR NOT said ? 'reason' THEN
        PERFORM casework_deny('taking an event out needs a reason and changes nothing else');
    END IF;
END $$;

-- The record an event leaves, once the event is what it must be: next in its record's history, of
-- the one who is connected, of this moment, and about what stood there. It has a number where the
-- head of the log is locked. `known` is the record's timeline, where the event has its place among
-- others; `knows` is the one with it.
CREATE FUNCTION casework_folded(
    said jsonb, number bigint, disclosed jsonb, opened text, stands jsonb,
    ours boolean, made boolean, known jsonb, OUT moved jsonb, OUT knows jsonb
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    kind constant text := said ->> 'kind';
    rules constant jsonb := casework_rules();
    form constant jsonb := rules #> ARRAY['kinds', said ->> 'kind'];
    -- Asked of each field.
    forms constant jsonb := form -> 'forms';
    start constant jsonb := form -> 'start';
    withheld constant jsonb := form -> 'withheld';
    sealed constant jsonb := form -> 'sealed';
    keeps constant boolean := casework_keeps();
    stood jsonb := stands;
    actor person;
    rule jsonb;
    zone text;
    paths text[] := ARRAY[]::text[];
    gives jsonb := '{}';
    name text;
    pair jsonb;
    was jsonb;
    becomes jsonb;
    erases constant boolean := said ? 'redacts';
    why text;
BEGIN
    IF casework_canonical(disclosed) <> opened THEN
        PERFORM casework_deny('the event is not in its canonical form');
    END IF;
    -- What is said of a secret case may be committed to as well.
    why := casework_wrong(
        CASE WHEN jsonb_typeof(said -> 'document') = 'object' THEN said - 'document' ELSE said END,
        rules -> 'event');
    IF why IS NOT NULL THEN
        PERFORM casework_deny('the event ' || why);
    END IF;
    IF NOT form -> 'acts' ? (said ->> 'act') THEN
        PERFORM casework_deny(format('there is no act called %s on a %s', said ->> 'act', kind));
    END IF;
    IF jsonb_typeof(disclosed) <> 'object' THEN
        PERFORM casework_deny('what is disclosed is not an object');
    END IF;
    said := said || jsonb_build_object('seq', number);
    SELECT * INTO actor FROM person WHERE code = said ->> 'actor';
    IF NOT keeps THEN
        IF actor.login IS DISTINCT FROM session_user::text OR actor.ended_on IS NOT NULL THEN
            PERFORM casework_deny(
                format('%s cannot act as %s', session_user, said ->> 'actor'));
        END IF;
        IF casework_opened(said -> 'login', disclosed, 'login') <> to_jsonb(session_user::text) THEN
            PERFORM casework_deny('the event names another login');
        END IF;
        -- Stamped when the call was sent, or here while it is done, however long that takes.
        IF NOT (said ->> 'recorded_at')::timestamptz BETWEEN
                statement_timestamp() - interval '300 s' AND clock_timestamp() + interval '300 s'
            -- A batch is recorded at one moment, however long it takes.
            AND NOT (
                (said ->> 'recorded_at')::timestamptz BETWEEN
                    transaction_timestamp() - interval '300 s' AND clock_timestamp()
                AND said ->> 'recorded_at' = (
                    SELECT event.recorded_at FROM event ORDER BY event.seq DESC LIMIT 1))
        THEN
            PERFORM casework_deny(format(
                'the clock of this computer says %s, the server''s says %s',
                said ->> 'recorded_at', date_trunc('second', statement_timestamp())));
        END IF;
    END IF;
    SELECT register.zone INTO zone FROM register;
    IF zone IS NOT NULL AND (said ->> 'effective_on')::date
        > ((said ->> 'recorded_at')::timestamptz AT TIME ZONE zone)::date
    THEN
        PERFORM casework_deny(format('%s lies in the future', said ->> 'effective_on'));
    END IF;
    IF said ? 'document_date' AND (
        NOT said ? 'document' OR zone IS NOT NULL AND (said ->> 'document_date')::date
        > ((said ->> 'recorded_at')::timestamptz AT TIME ZONE zone)::date)
    THEN
        PERFORM casework_deny(format(
            'the document of %s is not named, or it lies in the future', said ->> 'document_date'));
    END IF;

    IF known IS NOT NULL THEN
        stood := casework_stood(said, stands, known);
    END IF;
    -- A register that has nobody yet is begun by whoever keeps the server.
    IF NOT ours AND (NOT keeps OR actor.code IS NOT NULL) THEN
        rule := casework_right(said, stands, coalesce(stood, stands), actor);
    END IF;
    IF said -> 'version' <> to_jsonb(coalesce((stands ->> 'version')::integer, 0) + 1) THEN
        RAISE EXCEPTION USING ERRCODE = 'CW409',
            MESSAGE = format('%s %s was changed by somebody else meanwhile', kind, said ->> 'key');
    END IF;

    IF said ? 'amends' OR said ? 'strikes' THEN
        PERFORM casework_permit_amending(said, known);
    END IF;
    IF stood IS NULL AND stands IS NOT NULL THEN
        PERFORM casework_deny(format('event %s of %s does not exist or was taken out',
            said -> 'amends', said ->> 'key'));
    END IF;
    moved := stood;
    IF stands IS NULL THEN
        why := casework_wrong(said -> 'key', forms -> (form ->> 'key'));
        IF why IS NOT NULL THEN
            PERFORM casework_deny(format('the %s of a %s %s', form ->> 'key', kind, why));
        END IF;
        IF NOT said -> 'changes' ?& ARRAY(SELECT jsonb_array_elements_text(form -> 'needs')) THEN
            PERFORM casework_deny(format('a %s needs %s', kind, form -> 'needs'));
        END IF;
        moved := form -> 'blank' || jsonb_build_object(form ->> 'key', said -> 'key', 'version', 0);
    END IF;
    FOR name, pair IN SELECT * FROM jsonb_each(said -> 'changes') LOOP
        IF NOT start ? name OR jsonb_typeof(pair) <> 'array'
            OR jsonb_array_length(pair) <> 2
        THEN
            PERFORM casework_deny(format('a %s has no field %s', kind, left(name, 100)));
        END IF;
        was := pair -> 0;
        becomes := pair -> 1;
        IF withheld ? name OR (
            sealed ? name AND 'object' IN (jsonb_typeof(was), jsonb_typeof(becomes)))
        THEN
            paths := paths || ARRAY[name || '.0', name || '.1'];
            was := casework_opened(was, disclosed, name || '.0');
            becomes := casework_opened(becomes, disclosed, name || '.1');
        END IF;
        IF was <> (
            CASE
                WHEN erases AND withheld ? name THEN withheld -> name
                WHEN stands IS NULL THEN start -> name
                ELSE stood -> name
            END
        ) THEN
            PERFORM casework_deny(format('%s was not what the event says it was', name));
        END IF;
        why := casework_wrong(becomes, forms -> name);
        IF why IS NOT NULL THEN
            PERFORM casework_deny(format('the %s of a %s %s', name, kind, why));
        END IF;
        gives := gives || jsonb_build_object(name, becomes);
    END LOOP;
    moved := moved || gives;
    FOR name IN SELECT jsonb_object_keys(rules -> 'words') LOOP
        IF said ? name AND (name <> 'document' OR jsonb_typeof(said -> name) = 'object') THEN
            paths := paths || name;
            said := said || jsonb_build_object(name, casework_opened(said -> name, disclosed, name));
            why := casework_wrong(said -> name, rules -> 'words' -> name);
            IF why IS NOT NULL THEN
                PERFORM casework_deny(format('the %s %s', name, why));
            END IF;
        END IF;
    END LOOP;
    IF disclosed - paths <> '{}' THEN
        PERFORM casework_deny('more is disclosed than was committed to');
    END IF;

    IF known IS NOT NULL THEN
        knows := casework_timeline(kind, (known -> 'events') || casework_told(said, disclosed));
        IF knows -> 'steps' = '[]' AND (kind <> 'case' OR casework_is_out(known)) THEN
            PERFORM casework_deny(format('the first act on %s %s is taken out', kind, said ->> 'key'));
        END IF;
    END IF;
    IF rule IS NOT NULL THEN
        PERFORM casework_permit(said, stood, moved, actor, rule, made, stands, knows);
    END IF;
    IF knows -> 'steps' = '[]' THEN
        moved := stands;
    ELSIF knows IS NOT NULL THEN
        moved := coalesce(stands, '{}') || (knows #> '{steps,-1,after}');
    END IF;
    moved := moved || jsonb_build_object('version', said -> 'version');
END $$;
