-- What an act on a case may change, as `lawful.fault` has it, by the same tables.

-- The days of a case that do not follow each other as its steps do, as `lawful.disorder` has them.
CREATE FUNCTION casework_disorder(held jsonb) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = @schema@, pg_temp AS $$
    SELECT format('%s %s would lie before %s %s', name, day, before_name, before_day)
    FROM (
        SELECT name, day, lag(name) OVER (ORDER BY place), lag(day) OVER (ORDER BY place)
        FROM (
            SELECT name, held ->> name, place
            FROM jsonb_array_elements_text(casework_rules() #> '{lawful,steps}')
                WITH ORDINALITY AS one (name, place)
        ) AS step (name, day, place)
        WHERE day IS NOT NULL
    ) AS pair (name, day, before_name, before_day)
    WHERE day < before_day AND held -> 'reopened' = '0'
    UNION ALL
    SELECT format('the due date %s would lie before %s, when it was given',
        held ->> 'due', coalesce(held ->> 'assigned_on', held ->> 'proposed_on'))
    WHERE held ->> 'due' < coalesce(held ->> 'assigned_on', held ->> 'proposed_on')
    UNION ALL
    SELECT format('the due date %s would lie before the original one, %s',
        held ->> 'due', held ->> 'original_due')
    WHERE held ->> 'due' < held ->> 'original_due' AND held -> 'due_rule' = 'null'
$$;

-- Refuse an owner that cannot own a case: a collective never may, others on the days they exist.
CREATE FUNCTION casework_permit_owner(owner text, day text, told boolean) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    held organisation;
BEGIN
    SELECT * INTO held FROM organisation WHERE code = owner;
    IF held.org_kind = casework_rules() #>> '{lawful,collective}' THEN
        PERFORM casework_deny(
            format('%s is a collective; it may coordinate a case but not own it', owner));
    END IF;
    IF NOT told AND (day::date < held.valid_from OR day::date > held.valid_to) THEN
        PERFORM casework_deny(format('%s does not exist on %s', owner, day));
    END IF;
END $$;

-- Refuse a new due date that is none the act may give.
CREATE FUNCTION casework_permit_due(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    verb constant text := said ->> 'act';
    later constant boolean := coalesce(moved ->> 'due' > stands ->> 'due', false);
BEGIN
    IF moved ->> 'due' < said ->> 'effective_on' THEN
        PERFORM casework_deny(
            format('the due date %s lies before %s', moved ->> 'due', said ->> 'effective_on'));
    END IF;
    IF verb = 'extend' AND stands -> 'due' <> 'null' AND NOT later THEN
        PERFORM casework_deny(
            format('an extension moves the due date on from %s', stands ->> 'due'));
    END IF;
    IF (moved ->> 'extensions')::integer <> (stands ->> 'extensions')::integer + later::integer THEN
        PERFORM casework_deny('extensions count what moved the due date on');
    END IF;
    IF verb = 'assign' AND later AND NOT said ? 'reason' THEN
        PERFORM casework_deny('a due date is moved on for a reason');
    END IF;
END $$;

-- Refuse what an act counts, or keeps, otherwise than it may.
CREATE FUNCTION casework_permit_counts(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    lawful constant jsonb := casework_rules() -> 'lawful';
    verb constant text := said ->> 'act';
    counted constant text := lawful #>> ARRAY['adds_one', verb];
    first text;
    last text;
BEGIN
    IF counted IS NOT NULL THEN
        IF (moved ->> counted)::integer <> (stands ->> counted)::integer + 1 THEN
            PERFORM casework_deny('each reopening counts one');
        END IF;
        FOR first, last IN SELECT * FROM jsonb_each_text(lawful -> 'keeps_first') LOOP
            IF moved -> first <> (
                stands -> (CASE WHEN stands -> counted = '0' THEN last ELSE first END)
            ) THEN
                PERFORM casework_deny(format('%s is that of the first resolution', first));
            END IF;
        END LOOP;
    END IF;
    IF verb = 'resume' AND moved -> 'holds' <> (stands -> 'holds') || jsonb_build_array(
        jsonb_build_array(stands -> 'held_since', said -> 'effective_on'))
    THEN
        PERFORM casework_deny('the hold that is over is the last of holds');
    END IF;
END $$;

-- Refuse a correction that breaks what was in order before.
CREATE FUNCTION casework_permit_correction(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    today constant text := (
        SELECT ((said ->> 'recorded_at')::timestamptz AT TIME ZONE zone)::date FROM register);
    name text;
    why text;
BEGIN
    IF stands ->> 'state' = rules #>> '{guards,resolved}' THEN
        FOR name IN SELECT jsonb_array_elements_text(rules #> '{lawful,answered}') LOOP
            IF said -> 'changes' ? name AND moved -> name = 'null' THEN
                PERFORM casework_deny(format('a resolved case has an %s', name));
            END IF;
        END LOOP;
    END IF;
    FOR name IN SELECT jsonb_array_elements_text(rules #> '{lawful,steps}') LOOP
        IF said -> 'changes' ? name AND moved ->> name > today THEN
            PERFORM casework_deny(format('%s %s would lie in the future', name, moved ->> name));
        END IF;
    END LOOP;
    SELECT one INTO why FROM casework_disorder(moved) AS one
    WHERE one NOT IN (SELECT casework_disorder(stands)) LIMIT 1;
    IF why IS NOT NULL THEN
        PERFORM casework_deny(why);
    END IF;
END $$;

-- Refuse a cause of lateness that is not to be given, or the lack of one: `late_causes.faults`.
CREATE FUNCTION casework_permit_cause(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    verb constant text := said ->> 'act';
    resolved constant text := rules #>> '{guards,resolved}';
    given constant text := CASE
        WHEN said -> 'changes' ? 'late_cause' THEN moved ->> 'late_cause' END;
    late constant boolean := coalesce(CASE
        WHEN stands ->> 'state' = resolved THEN stands ->> 'resolved_on' > stands ->> 'due'
        ELSE stands ->> 'due' < said ->> 'effective_on' AND stands -> 'held_since' = 'null'
    END, false);
BEGIN
    IF verb = 'correct' THEN
        IF given IS NOT NULL AND moved -> 'extensions' = '0' AND moved -> 'reopened' = '0'
            AND (moved ->> 'state' = resolved AND moved ->> 'resolved_on' > moved ->> 'due')
                IS NOT TRUE
        THEN
            PERFORM casework_deny(format('case %s was never late', said ->> 'key'));
        END IF;
        RETURN;
    END IF;
    IF NOT rules #> '{lawful,asks_cause}' ? verb THEN
        RETURN;
    END IF;
    IF given IS NOT NULL AND NOT late THEN
        PERFORM casework_deny(
            format('case %s is not late on %s', said ->> 'key', said ->> 'effective_on'));
    END IF;
    IF given IS NOT NULL
        AND NOT EXISTS (SELECT FROM cause WHERE code = given AND retired_on IS NULL)
    THEN
        PERFORM casework_deny(format('the cause %s is not given any more', given));
    END IF;
    IF late AND moved -> 'late_cause' = 'null'
        AND EXISTS (SELECT FROM cause WHERE retired_on IS NULL)
    THEN
        PERFORM casework_deny(format('case %s is late, and no cause is given', said ->> 'key'));
    END IF;
END $$;

-- Refuse a link that closes a circle of one relation.
CREATE FUNCTION casework_permit_links(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    link jsonb;
BEGIN
    FOR link IN
        SELECT jsonb_array_elements(moved -> 'links')
        EXCEPT SELECT jsonb_array_elements(stands -> 'links')
    LOOP
        IF EXISTS (
            WITH RECURSIVE led(ref) AS (
                SELECT (link ->> 1)::varchar COLLATE "C"
                UNION
                SELECT other FROM case_link JOIN led USING (ref) WHERE relation = link ->> 0
            )
            SELECT FROM led WHERE ref = said ->> 'key'
        ) THEN
            PERFORM casework_deny(format('%s %s %s already; the other way round is a circle',
                link ->> 1, link ->> 0, said ->> 'key'));
        END IF;
    END LOOP;
END $$;

-- Refuse an act made here that gives a case what it may not, or lacks what it must say.
CREATE FUNCTION casework_permit_made(said jsonb, stands jsonb, moved jsonb, rule jsonb)
RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    changes constant jsonb := said -> 'changes';
    verb constant text := said ->> 'act';
    what constant text := format('%s case %s', verb, said ->> 'key');
    must constant jsonb := casework_rules() #> '{lawful,must_change}';
    name text;
BEGIN
    FOR name IN SELECT jsonb_array_elements_text(rule -> 'needs') LOOP
        IF coalesce(said ->> name, moved ->> name, '') = '' THEN
            PERFORM casework_deny(format('%s needs %s', what, name));
        END IF;
    END LOOP;
    IF changes ?| ARRAY['owner', 'officer'] AND moved -> 'officer' <> 'null'
        AND NOT casework_handles(moved ->> 'officer', moved ->> 'owner')
    THEN
        PERFORM casework_deny(
            format('%s is not of %s, nor of a body below it', moved ->> 'officer', moved ->> 'owner'));
    END IF;
    IF stands IS NULL THEN
        RETURN;
    END IF;
    IF must ? verb AND (
        changes = '{}' OR must -> verb <> '[]' AND NOT changes ?| ARRAY(
            SELECT jsonb_array_elements_text(must -> verb))
    ) THEN
        PERFORM casework_deny(format('case %s is like that already', said ->> 'key'));
    END IF;
    IF verb = 'correct' THEN
        PERFORM casework_permit_correction(said, stands, moved);
    ELSIF casework_rules() #> '{lawful,not_past}' ? verb THEN
        PERFORM casework_permit_due(said, stands, moved);
    END IF;
    PERFORM casework_permit_counts(said, stands, moved);
    PERFORM casework_permit_cause(said, stands, moved);
    IF changes ? 'links' THEN
        PERFORM casework_permit_links(said, stands, moved);
    END IF;
END $$;

-- Refuse an act on a day, or while a clock, on which it cannot take effect.
CREATE FUNCTION casework_permit_day(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    lawful constant jsonb := casework_rules() -> 'lawful';
    verb constant text := said ->> 'act';
    what constant text := format('%s case %s', verb, said ->> 'key');
    told constant boolean := said ? 'reported';
    moves constant boolean := stands -> 'state' <> moved -> 'state';
    name text;
    since text;
    one jsonb;
BEGIN
    IF moves AND moved -> 'state_since' <> said -> 'effective_on' THEN
        PERFORM casework_deny(format('%s does not set state_since to that', what));
    END IF;
    FOR name IN SELECT jsonb_array_elements_text(lawful #> ARRAY['not_before', verb]) LOOP
        CONTINUE WHEN told AND NOT (moves AND name = 'state_since');
        since := CASE name WHEN 'holds' THEN stands #>> '{holds,-1,1}' ELSE stands ->> name END;
        IF said ->> 'effective_on' < since THEN
            PERFORM casework_deny(format('%s cannot take effect before %s', what, since));
        END IF;
    END LOOP;
    FOR one IN SELECT jsonb_array_elements(lawful #> ARRAY['before', verb]) LOOP
        IF (stands -> (one ->> 'field') <> 'null') <> (one ->> 'set')::boolean
            AND (NOT told OR (one ->> 'told')::boolean)
        THEN
            PERFORM casework_deny(format('%s is not possible: %s', what, one ->> 'says'));
        END IF;
    END LOOP;
    name := lawful ->> 'original';
    IF verb <> 'correct' AND stands -> name <> 'null' AND stands -> name <> moved -> name THEN
        PERFORM casework_deny('the original due date never changes');
    END IF;
END $$;

-- Refuse an event that says of a case what its act does not let it say.
CREATE FUNCTION casework_permit_case(
    said jsonb, stands jsonb, moved jsonb, actor person, rule jsonb
) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = @schema@, pg_temp AS $$
DECLARE
    verb constant text := said ->> 'act';
    what constant text := format('%s case %s', verb, said ->> 'key');
    given constant jsonb := casework_rules() #> ARRAY['changes', verb];
    told constant boolean := said ? 'reported';
    name text;
    gives text;
    why text;
BEGIN
    IF moved -> 'state' IS DISTINCT FROM rule -> 'target' THEN
        PERFORM casework_deny(format('%s leads to %s', what, rule ->> 'target'));
    END IF;
    FOR name IN SELECT jsonb_object_keys(said -> 'changes') LOOP
        gives := given ->> name;
        IF gives IS NULL THEN
            PERFORM casework_deny(format('%s does not change %s', what, name));
        END IF;
        -- Whose acts are told, and on which days, may be otherwise; who may tell was asked before.
        CONTINUE WHEN told OR gives = 'any';
        IF moved -> name IS DISTINCT FROM (
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
    IF stands IS NOT NULL THEN
        PERFORM casework_permit_day(said, stands, moved);
    END IF;
    -- What was otherwise before does not stand in the way.
    SELECT one INTO why FROM unnest(casework_broken(moved, told)) AS one
    WHERE stands IS NULL OR one <> ALL (casework_broken(stands, told)) LIMIT 1;
    IF why IS NOT NULL THEN
        PERFORM casework_deny(format('%s: %s', what, why));
    END IF;
    IF said -> 'changes' ?| ARRAY['owner', 'assigned_on', 'proposed_on'] AND moved -> 'owner' <> 'null'
    THEN
        PERFORM casework_permit_owner(
            moved ->> 'owner',
            CASE verb WHEN 'correct' THEN coalesce(moved ->> 'assigned_on', moved ->> 'proposed_on')
                ELSE said ->> 'effective_on' END,
            told);
    END IF;
    IF NOT told THEN
        PERFORM casework_permit_made(said, stands, moved, rule);
    END IF;
END $$;
