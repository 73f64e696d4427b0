-- What an act on a case may be, as `lawful.fault` has it, by the same tables.

-- The days of a case that do not follow each other as its steps do, as `lawful.disorder` has them:
-- by which rule, and in words.
CREATE FUNCTION casework_disorder(held jsonb, OUT id text, OUT says text) RETURNS SETOF record
LANGUAGE sql STABLE AS $$
    SELECT 'steps', format('%s %s would lie before %s %s', name, day, before_name, before_day)
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
    SELECT 'due-given', format('the due date %s would lie before %s, when it was given',
        held ->> 'due', coalesce(held ->> 'assigned_on', held ->> 'proposed_on'))
    WHERE held ->> 'due' < coalesce(held ->> 'assigned_on', held ->> 'proposed_on')
    UNION ALL
    SELECT 'due-original', format('the due date %s would lie before the original one, %s',
        held ->> 'due', held ->> 'original_due')
    WHERE held ->> 'due' < held ->> 'original_due' AND held -> 'due_rule' = 'null'
$$;

-- Refuse an owner that cannot own a case: a collective never may, others on the days they exist.
CREATE FUNCTION casework_permit_owner(owner text, day text, told boolean) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    held organisation;
BEGIN
    SELECT * INTO held FROM organisation WHERE code = owner;
    IF held.org_kind = casework_rules() #>> '{lawful,collective}' THEN
        PERFORM casework_deny(
            format('%s is a collective: it can coordinate a case but not own it', owner));
    END IF;
    IF NOT told AND (day::date < held.valid_from OR day::date > held.valid_to) THEN
        PERFORM casework_deny(format('%s does not exist on %s', owner, day));
    END IF;
END $$;

-- What is wrong with the due date an act gives: the rule, and in words.
CREATE FUNCTION casework_wrong_due(
    verb text, stands jsonb, moved jsonb, day text, words jsonb
) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    later constant boolean := coalesce(moved ->> 'due' > stands ->> 'due', false);
BEGIN
    IF moved ->> 'due' < day THEN
        RETURN ARRAY['due-past', format('the due date %s lies before %s', moved ->> 'due', day)];
    END IF;
    IF verb = 'extend' AND stands -> 'due' <> 'null' AND NOT later THEN
        RETURN ARRAY['due-later',
            format('an extension must move the due date beyond %s', stands ->> 'due')];
    END IF;
    IF (moved ->> 'extensions')::integer <> (stands ->> 'extensions')::integer + later::integer THEN
        RETURN ARRAY['extensions-count', 'extensions must count each move of the due date to a later day'];
    END IF;
    IF verb = 'assign' AND later AND coalesce(words ->> 'reason', '') = '' THEN
        RETURN ARRAY['extension-reason', 'moving a due date to a later day needs a reason'];
    END IF;
    RETURN NULL;
END $$;

-- What an owner may not ask for, and what an act leaves waiting that it ends: the rule, and in words.
CREATE FUNCTION casework_wrong_waiting(verb text, stands jsonb, moved jsonb, day text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    name text;
BEGIN
    IF verb = 'ask-time' AND (
        moved -> 'asked_due' = 'null' OR moved ->> 'asked_due' < day OR moved ->> 'asked_due' <= stands ->> 'due')
    THEN
        RETURN ARRAY['asked-later', format('more time cannot be asked for until %s',
            moved ->> 'asked_due')];
    END IF;
    FOR name IN SELECT jsonb_array_elements_text(
        casework_rules() #> ARRAY['lawful', 'ends', verb])
    LOOP
        IF moved -> name <> 'null' THEN
            RETURN ARRAY['ends', format('%s must clear %s', verb, name)];
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- What an act counts, or keeps, otherwise than it may: the rule, and in words.
CREATE FUNCTION casework_wrong_counts(verb text, stands jsonb, moved jsonb, day text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    lawful constant jsonb := casework_rules() -> 'lawful';
    counted constant text := lawful #>> ARRAY['adds_one', verb];
    first text;
    last text;
BEGIN
    IF counted IS NOT NULL THEN
        IF (moved ->> counted)::integer <> (stands ->> counted)::integer + 1 THEN
            RETURN ARRAY['reopened-count', 'each reopening adds one to the count'];
        END IF;
        FOR first, last IN SELECT * FROM jsonb_each_text(lawful -> 'keeps_first') LOOP
            IF moved -> first <> (
                stands -> (CASE WHEN stands -> counted = '0' THEN last ELSE first END)
            ) THEN
                RETURN ARRAY['first-kept', format('%s must stay that of the first resolution', first)];
            END IF;
        END LOOP;
    END IF;
    IF verb = 'resume' AND moved -> 'holds' <> (stands -> 'holds') || jsonb_build_array(
        jsonb_build_array(stands -> 'held_since', day))
    THEN
        RETURN ARRAY['hold-kept', 'the hold that ends must be the last in the list of holds'];
    END IF;
    RETURN NULL;
END $$;

-- What a correction breaks that was in order before: the rule, and in words.
CREATE FUNCTION casework_wrong_correction(stands jsonb, moved jsonb, names text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules constant jsonb := casework_rules();
    name text;
    why text[];
BEGIN
    IF stands ->> 'state' = rules #>> '{guards,resolved}' THEN
        FOR name IN SELECT jsonb_array_elements_text(rules #> '{lawful,answered}') LOOP
            IF name = ANY (names) AND moved -> name = 'null' THEN
                RETURN ARRAY['answered', format('a resolved case must have an %s', name)];
            END IF;
        END LOOP;
    END IF;
    SELECT ARRAY[one.id, one.says] INTO why FROM casework_disorder(moved) AS one
    WHERE one.says NOT IN (SELECT was.says FROM casework_disorder(stands) AS was) LIMIT 1;
    RETURN why;
END $$;

-- Refuse a correction by which a step would be taken on a day to come.
CREATE FUNCTION casework_permit_correction(said jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    today constant text := (
        SELECT ((said ->> 'recorded_at')::timestamptz AT TIME ZONE zone)::date FROM register);
    name text;
BEGIN
    FOR name IN SELECT jsonb_array_elements_text(casework_rules() #> '{lawful,steps}') LOOP
        IF said -> 'changes' ? name AND moved ->> name > today THEN
            PERFORM casework_deny(format('%s %s would lie in the future', name, moved ->> name));
        END IF;
    END LOOP;
END $$;

-- Whether a case is late on the day such an act takes effect, as `late_causes.days_late` has it.
CREATE FUNCTION casework_late(stands jsonb, day text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(CASE
        WHEN stands ->> 'state' = casework_rules() #>> '{guards,resolved}'
            THEN stands ->> 'resolved_on' > stands ->> 'due'
        ELSE stands ->> 'due' < day AND stands -> 'held_since' = 'null'
    END, false)
$$;

-- What is wrong with the cause for which a case is late, wherever an act stands: the rule, in words.
CREATE FUNCTION casework_wrong_cause(
    verb text, stands jsonb, moved jsonb, names text[], day text
) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF moved -> 'late_cause' = 'null' OR 'late_cause' <> ALL (names) THEN
        RETURN NULL;
    END IF;
    IF verb = 'correct' THEN
        IF moved -> 'extensions' = '0' AND moved -> 'reopened' = '0' AND NOT (
            moved ->> 'state' = casework_rules() #>> '{guards,resolved}'
            AND casework_late(moved, day)
        ) THEN
            RETURN ARRAY['late-cause-never', format('case %s was never late', moved ->> 'ref')];
        END IF;
    ELSIF casework_rules() #> '{lawful,asks_cause}' ? verb AND NOT casework_late(stands, day) THEN
        RETURN ARRAY['late-cause-in-time',
            format('case %s is not late on %s', moved ->> 'ref', day)];
    END IF;
    RETURN NULL;
END $$;

-- Refuse a cause that is not given any more, or the lack of one, as the register has them now.
CREATE FUNCTION casework_permit_cause(said jsonb, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    given constant text := CASE
        WHEN said -> 'changes' ? 'late_cause' THEN moved ->> 'late_cause' END;
BEGIN
    IF given IS NOT NULL
        AND NOT EXISTS (SELECT FROM cause WHERE code = given AND retired_on IS NULL)
    THEN
        PERFORM casework_deny(format('the cause %s is retired', given));
    END IF;
    IF moved -> 'late_cause' = 'null' AND casework_late(stands, said ->> 'effective_on')
        AND EXISTS (SELECT FROM cause WHERE retired_on IS NULL)
    THEN
        PERFORM casework_deny(format('case %s is late and needs a cause', said ->> 'key'));
    END IF;
END $$;

-- Refuse a link to a case that was taken out, or one that closes a circle of one relation.
CREATE FUNCTION casework_permit_links(record_key text, stands jsonb, moved jsonb) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    link jsonb;
BEGIN
    FOR link IN
        SELECT jsonb_array_elements(moved -> 'links')
        EXCEPT SELECT jsonb_array_elements(stands -> 'links')
    LOOP
        IF EXISTS (SELECT FROM struck_case WHERE ref = link ->> 1) THEN
            PERFORM casework_deny(format('%s would be linked to %s, which was taken out',
                record_key, link ->> 1));
        END IF;
        IF EXISTS (
            WITH RECURSIVE led(ref) AS (
                SELECT (link ->> 1)::varchar COLLATE "C"
                UNION
                SELECT other FROM case_link JOIN led USING (ref) WHERE relation = link ->> 0
            )
            SELECT FROM led WHERE ref = record_key
        ) THEN
            PERFORM casework_deny(format('%s %s %s already; the reverse link would make a circle',
                link ->> 1, link ->> 0, record_key));
        END IF;
    END LOOP;
END $$;

-- What an act gives a field that it does not give, or lacks that it must say: the rule, in words.
CREATE FUNCTION casework_wrong_values(
    verb text, stands jsonb, moved jsonb, names text[], day text, actor text, words jsonb, rule jsonb
) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    given constant jsonb := casework_rules() #> ARRAY['changes', verb];
    what constant text := format('%s case %s', verb, moved ->> 'ref');
    name text;
    gives text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        gives := given ->> name;
        CONTINUE WHEN gives IN ('any', 'target');
        IF moved -> name IS DISTINCT FROM (
            CASE gives WHEN 'nothing' THEN 'null'::jsonb WHEN 'day' THEN to_jsonb(day)
                ELSE to_jsonb(actor) END
        ) THEN
            RETURN ARRAY[
                CASE gives WHEN 'nothing' THEN 'value' ELSE 'value-' || gives END,
                format('%s cannot set %s to that value', what, name)];
        END IF;
    END LOOP;
    IF stands IS NOT NULL THEN
        FOR name IN SELECT jsonb_array_elements_text(rule -> 'needs') LOOP
            IF coalesce(words ->> name, '') = '' AND coalesce(moved ->> name, '') = '' THEN
                RETURN ARRAY['needs', format('%s needs %s', what, name)];
            END IF;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;

-- What is wrong with an act on a day, or while a clock, on which it cannot take effect: the rule,
-- and in words.
CREATE FUNCTION casework_wrong_day(
    verb text, stands jsonb, moved jsonb, day text, told boolean
) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    lawful constant jsonb := casework_rules() -> 'lawful';
    what constant text := format('%s case %s', verb, moved ->> 'ref');
    moves constant boolean := stands -> 'state' <> moved -> 'state';
    name text;
    since text;
    one jsonb;
BEGIN
    IF moves AND moved ->> 'state_since' <> day THEN
        RETURN ARRAY['since', format('%s cannot set %s to that value', what, 'state_since')];
    END IF;
    FOR name IN SELECT jsonb_array_elements_text(lawful #> ARRAY['not_before', verb]) LOOP
        CONTINUE WHEN told AND NOT (moves AND name = 'state_since');
        since := CASE name WHEN 'holds' THEN stands #>> '{holds,-1,1}' ELSE stands ->> name END;
        IF day < since THEN
            RETURN ARRAY['day', format('%s cannot take effect before %s', what, since)];
        END IF;
    END LOOP;
    FOR one IN SELECT jsonb_array_elements(lawful #> ARRAY['before', verb]) LOOP
        IF (stands -> (one ->> 'field') <> 'null') <> (one ->> 'set')::boolean
            AND (NOT told OR (one ->> 'told')::boolean)
        THEN
            RETURN ARRAY[one ->> 'rule', format('%s is not possible: %s', what,
                lawful #>> ARRAY['says', one ->> 'rule'])];
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Whether an act changes what only a correction may change, once it has a value.
CREATE FUNCTION casework_wrong_original(verb text, stands jsonb, moved jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['original-due-kept', 'the original due date cannot change']
    FROM (SELECT casework_rules() #>> '{lawful,original}') AS one (name)
    WHERE verb <> 'correct' AND stands -> name <> 'null' AND stands -> name <> moved -> name
$$;

-- The first rule that an act on a case breaks, as `lawful.fault` has it: the rule, and in words.
-- `names` are the fields it changes, `words` has its reason and its note.
CREATE FUNCTION casework_fault(
    verb text, stands jsonb, moved jsonb, names text[], day text, actor text, words jsonb,
    told boolean
) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules constant jsonb := casework_rules();
    given constant jsonb := rules #> ARRAY['changes', verb];
    what constant text := format('%s case %s', verb, moved ->> 'ref');
    rule constant jsonb := CASE WHEN stands IS NULL THEN rules #> ARRAY['registering', 'case', verb]
        ELSE rules #> ARRAY['acts', verb, stands ->> 'state'] END;
    must constant jsonb := rules #> '{lawful,must_change}';
    name text;
    wrong text[];
    why text[];
BEGIN
    IF rule IS NULL THEN
        RETURN ARRAY[CASE WHEN stands IS NULL THEN 'first' ELSE 'row' END,
            format('%s is not possible as it stands', what)];
    END IF;
    IF moved -> 'state' IS DISTINCT FROM rule -> 'target' THEN
        RETURN ARRAY[CASE WHEN stands IS NULL THEN 'first' ELSE 'target' END,
            format('%s leads to the state %s', what, rule ->> 'target')];
    END IF;
    FOREACH name IN ARRAY names LOOP
        IF NOT given ? name THEN
            RETURN ARRAY['field', format('%s does not change %s', what, name)];
        END IF;
    END LOOP;
    wrong := casework_broken(moved, told, casework_moved_lists(stands, moved));
    IF wrong <> '{}' THEN
        -- What was otherwise before does not stand in the way.
        SELECT ARRAY[one, format('%s: %s', what, rules #>> ARRAY['lawful', 'says', one])] INTO why
        FROM unnest(wrong) AS one
        WHERE stands IS NULL OR one <> ALL (casework_broken(stands, told, true)) LIMIT 1;
        IF why IS NOT NULL THEN
            RETURN why;
        END IF;
    END IF;
    IF stands IS NULL THEN
        RETURN CASE WHEN NOT told
            THEN casework_wrong_values(verb, stands, moved, names, day, actor, words, rule) END;
    END IF;
    IF told AND stands -> 'state' = moved -> 'state'
        AND NOT coalesce(rules #> ARRAY['lawful', 'before', verb] @> '[{"told": true}]', false)
    THEN
        RETURN casework_wrong_original(verb, stands, moved);
    END IF;
    why := coalesce(
        casework_wrong_day(verb, stands, moved, day, told),
        casework_wrong_original(verb, stands, moved));
    IF told OR why IS NOT NULL THEN
        RETURN why;
    END IF;
    IF must ? verb AND (
        names = '{}' OR must -> verb <> '[]' AND NOT must -> verb ?| names
    ) THEN
        RETURN ARRAY['unchanged', format('case %s is already like that', moved ->> 'ref')];
    END IF;
    RETURN coalesce(
        casework_wrong_values(verb, stands, moved, names, day, actor, words, rule),
        CASE WHEN rules #> '{lawful,not_past}' ? verb
            THEN casework_wrong_due(verb, stands, moved, day, words) END,
        casework_wrong_cause(verb, stands, moved, names, day),
        casework_wrong_waiting(verb, stands, moved, day),
        casework_wrong_counts(verb, stands, moved, day),
        CASE WHEN verb = 'correct' THEN casework_wrong_correction(stands, moved, names) END);
END $$;

-- Refuse an event that says of a case what its act does not let it say. What an act is that stands
-- `apart`, in its place among others, is judged with all of them.
CREATE FUNCTION casework_permit_case(
    said jsonb, stands jsonb, moved jsonb, apart boolean
) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    verb constant text := said ->> 'act';
    changes constant jsonb := said -> 'changes';
    told constant boolean := said ? 'reported';
    why text[];
BEGIN
    IF NOT apart THEN
        why := casework_fault(
            verb, stands, moved,
            ARRAY(SELECT name FROM jsonb_object_keys(changes) AS name ORDER BY name COLLATE "C"),
            said ->> 'effective_on', said ->> 'actor', said, told);
        IF why IS NOT NULL THEN
            PERFORM casework_deny(why[2]);
        END IF;
    END IF;
    IF changes ?| ARRAY['owner', 'assigned_on', 'proposed_on'] AND moved -> 'owner' <> 'null'
    THEN
        PERFORM casework_permit_owner(
            moved ->> 'owner',
            CASE verb WHEN 'correct' THEN coalesce(moved ->> 'assigned_on', moved ->> 'proposed_on')
                ELSE said ->> 'effective_on' END,
            told);
    END IF;
    IF told THEN
        RETURN;
    END IF;
    IF changes ?| ARRAY['owner', 'officer'] AND moved -> 'officer' <> 'null'
        AND NOT casework_handles(moved ->> 'officer', moved ->> 'owner')
    THEN
        PERFORM casework_deny(
            format('%s does not work at %s or a body below it', moved ->> 'officer', moved ->> 'owner'));
    END IF;
    IF verb = 'correct' THEN
        PERFORM casework_permit_correction(said, moved);
    END IF;
    IF stands IS NOT NULL AND casework_rules() #> '{lawful,asks_cause}' ? verb THEN
        PERFORM casework_permit_cause(said, stands, moved);
    END IF;
    IF stands IS NOT NULL AND changes ? 'links' THEN
        PERFORM casework_permit_links(said ->> 'key', stands, moved);
    END IF;
END $$;
