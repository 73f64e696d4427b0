-- The one timeline of a record, made of its events, as casework/rules/timeline.py makes it, from the
-- same tables. A known timeline is an object: `events` in the order of recording, each as
-- casework_told gives it; `steps` in the order of effect, each with the number, the day and the place
-- of its event, the fields it is of, and the record `after` it; `amending`, the event that each
-- amending one belongs to; `struck`, those that were taken out, each with the one that did it;
-- `loose`, what was not, where the first one was, and so there are no steps.

-- An event as the timeline reads it: every value that is still disclosed is opened.
CREATE FUNCTION casework_told(said jsonb, disclosed jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    form constant jsonb := casework_rules() #> ARRAY['kinds', said ->> 'kind'];
    changes jsonb := said -> 'changes';
    name text;
    word text;
BEGIN
    FOR name IN SELECT jsonb_array_elements_text(form -> 'sealed') LOOP
        IF changes ? name THEN
            changes := changes || jsonb_build_object(name, (
                SELECT jsonb_agg(
                    CASE jsonb_typeof(held)
                        WHEN 'object' THEN coalesce(
                            disclosed #> ARRAY[format('%s.%s', name, place - 1), '1'],
                            form -> 'withheld' -> name, 'null')
                        ELSE held
                    END ORDER BY place
                )
                FROM jsonb_array_elements(changes -> name) WITH ORDINALITY AS one (held, place)
            ));
        END IF;
    END LOOP;
    FOREACH word IN ARRAY ARRAY['reason', 'note'] LOOP
        IF jsonb_typeof(said -> word) = 'object' THEN
            said := said || jsonb_build_object(word, disclosed #> ARRAY[word, '1']);
        END IF;
    END LOOP;
    RETURN jsonb_build_object('changes', changes) || (
        SELECT jsonb_object_agg(key, value) FROM jsonb_each(said)
        WHERE key IN ('seq', 'v', 'act', 'key', 'version', 'actor', 'effective_on', 'reason',
            'note', 'reported', 'amends', 'strikes')
    );
END $$;

-- The events of a record, in the order of recording.
CREATE FUNCTION casework_events(of_kind text, of_key text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(
        casework_told(
            convert_from(event.body, 'UTF8')::jsonb, convert_from(disclosure.body, 'UTF8')::jsonb)
        ORDER BY seq), '[]')
    FROM event JOIN disclosure USING (seq)
    WHERE event.kind = of_kind AND event.key = of_key
$$;

-- What a correction is of: the field by which the event it amends is found.
CREATE FUNCTION casework_corrects(changes jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        (
            SELECT name FROM jsonb_array_elements_text(casework_rules() #> '{timeline,corrected}')
                WITH ORDINALITY AS one (name, place)
            WHERE changes ? name ORDER BY place LIMIT 1
        ),
        (SELECT min(name COLLATE "C") FROM jsonb_object_keys(changes) AS name), '')
$$;

-- What an event says, field by field: who says it, of which field, the old and the new value.
CREATE FUNCTION casework_parts(said jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(
        jsonb_build_array(said -> 'act', name, pair -> 0, pair -> 1) ORDER BY name COLLATE "C"), '[]')
    FROM jsonb_each(said -> 'changes') AS one (name, pair)
$$;

-- --- working days ------------------------------------------------------------------------------

-- Whether a day is worked.
CREATE FUNCTION casework_works(asked date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT day_kind = 'working' FROM holiday
         WHERE day = to_char(asked, 'YYYY-MM-DD') AND withdrawn_on IS NULL),
        extract(isodow FROM asked) < 6)
$$;

-- The day so many working days after another one, or before it if they are less than none.
CREATE FUNCTION casework_working(start date, wanted integer) RETURNS date
LANGUAGE plpgsql STABLE AS $$
BEGIN
    FOR number IN 1 .. abs(wanted) LOOP
        LOOP
            start := start + sign(wanted)::integer;
            EXIT WHEN casework_works(start);
        END LOOP;
    END LOOP;
    RETURN start;
END $$;

-- How many days of a hold are worked; its end is the day the clock runs again.
CREATE FUNCTION casework_worked(start date, over date) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT (count(*) * CASE WHEN over < start THEN -1 ELSE 1 END)::integer
    FROM generate_series(0, abs(over - start) - 1) AS number
    WHERE casework_works(least(start, over) + number)
$$;

-- A due date once a hold is given back.
CREATE FUNCTION casework_given_back(rule text, due date, start date, over date) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN rule ~ '^[+][0-9]+wd'
        THEN casework_working(due, casework_worked(start, over)) ELSE due + (over - start) END
$$;

-- The due date of a held case whose clock runs again, as `deadlines.resumed` has it.
CREATE FUNCTION casework_resumed(held jsonb, day text) RETURNS date
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule constant text := held ->> 'due_rule';
    since constant text := held ->> 'due_from';
    parts constant text[] := regexp_match(rule, '^[+]([0-9]+)(wd|d|w|m|y)');
    due date := held ->> 'due';
    span jsonb;
BEGIN
    IF rule LIKE '%>wd' IS NOT TRUE THEN
        RETURN casework_given_back(rule, due, (held ->> 'held_since')::date, day::date);
    END IF;
    -- Counted anew: the day it went on to a working day is none that a hold gives back.
    due := CASE parts[2]
        WHEN 'wd' THEN casework_working(since::date, parts[1]::integer)
        WHEN 'd' THEN since::date + parts[1]::integer
        WHEN 'w' THEN since::date + 7 * parts[1]::integer
        WHEN 'm' THEN (since::date + make_interval(months => parts[1]::integer))::date
        WHEN 'y' THEN (since::date + make_interval(years => parts[1]::integer))::date
    END;
    FOR span IN SELECT jsonb_array_elements(
        (held -> 'holds') || jsonb_build_array(jsonb_build_array(held -> 'held_since', day))
    ) LOOP
        IF span ->> 0 >= since THEN
            due := casework_given_back(rule, due, (span ->> 0)::date, (span ->> 1)::date);
        END IF;
    END LOOP;
    RETURN CASE WHEN casework_works(due) THEN due ELSE casework_working(due, 1) END;
END $$;

-- --- the fold ----------------------------------------------------------------------------------

-- What an act made here gives by itself: its day and its actor; of one that is told, its day.
CREATE FUNCTION casework_given(said jsonb, day text, parts jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(
        name, CASE gives WHEN 'day' THEN to_jsonb(day) ELSE said -> 'actor' END), '{}')
    FROM jsonb_each_text(casework_rules() #> ARRAY['changes', said ->> 'act']) AS one (name, gives)
    WHERE said ->> 'act' <> 'correct' AND CASE
        WHEN said ? 'reported' THEN gives = 'day' AND EXISTS (
            SELECT FROM jsonb_array_elements(parts) AS part
            WHERE part ->> 1 = name AND part ->> 3 = said ->> 'effective_on')
        ELSE gives IN ('day', 'actor')
    END
$$;

-- What a part makes of a list: what it adds, and takes away.
CREATE FUNCTION casework_list(stood jsonb, old jsonb, new jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(item ORDER BY added, place), '[]') FROM (
        SELECT false AS added, item, place
        FROM jsonb_array_elements(stood) WITH ORDINALITY AS one (item, place)
        WHERE (SELECT count(*) FROM jsonb_array_elements(old) AS was (it) WHERE it = item)
            <= (SELECT count(*) FROM jsonb_array_elements(new) AS is_ (it) WHERE it = item)
        UNION ALL
        SELECT true, item, place
        FROM jsonb_array_elements(new) WITH ORDINALITY AS one (item, place)
        WHERE NOT EXISTS (
            SELECT FROM jsonb_array_elements(old || stood) AS known (it) WHERE it = item)
    ) AS kept
$$;

-- How often a due date was moved on, and which was the first. A source may tell of other ones than
-- its acts come to: what it tells then moves by its step. `own` has the parts of the act by field.
CREATE FUNCTION casework_granted(verb text, stood jsonb, now jsonb, own jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    gives constant boolean := casework_rules() #> '{lawful,not_past}' ? verb;
    due constant jsonb := own -> 'due';
    step integer := coalesce(
        (own #>> '{extensions,3}')::integer - (own #>> '{extensions,2}')::integer, 0);
BEGIN
    IF step = (gives AND coalesce(due ->> 3 > due ->> 2, false))::integer THEN
        step := (gives AND coalesce(now ->> 'due' > stood ->> 'due', false))::integer;
    END IF;
    RETURN jsonb_build_object(
        'extensions', (stood ->> 'extensions')::integer + step,
        'original_due', CASE
            WHEN stood -> 'original_due' <> 'null' THEN stood -> 'original_due'
            WHEN own ? 'original_due' AND (due -> 3 = own #> '{original_due,3}') IS NOT TRUE
                THEN own #> '{original_due,3}'
            ELSE now -> 'due'
        END);
END $$;

-- What is counted of a case, or kept, of how it stood before and what is said now.
CREATE FUNCTION casework_counted(stood jsonb, given jsonb, said jsonb, day text, parts jsonb)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    rules constant jsonb := casework_rules();
    verb constant text := said ->> 'act';
    now constant jsonb := stood || given;
    own constant jsonb := (
        SELECT coalesce(jsonb_object_agg(part ->> 1, part ORDER BY place), '{}')
        FROM jsonb_array_elements(parts) WITH ORDINALITY AS one (part, place)
        WHERE part ->> 0 = verb
    );
    found jsonb := '{}';
    first text;
    last text;
BEGIN
    IF given ? 'state' THEN
        found := jsonb_build_object('state_since', day);
    END IF;
    IF verb = 'correct' THEN
        RETURN found;
    END IF;
    IF rules #> '{lawful,not_past}' ? verb OR own ? 'original_due' THEN
        found := found || casework_granted(verb, stood, now, own);
    END IF;
    found := found || (
        SELECT coalesce(jsonb_object_agg(name, 'null'::jsonb), '{}')
        FROM jsonb_array_elements_text(
            rules #> ARRAY['timeline', 'clears', verb, now ->> 'state']) AS name
        WHERE coalesce(own #> ARRAY[name, '3'], 'null') = 'null'
    );
    IF rules #> '{lawful,adds_one}' ? verb THEN
        FOR first, last IN SELECT * FROM jsonb_each_text(rules #> '{lawful,keeps_first}') LOOP
            found := found || jsonb_build_object(
                first, stood -> (CASE WHEN stood -> 'reopened' = '0' THEN last ELSE first END));
        END LOOP;
        found := found || jsonb_build_object('reopened', (stood ->> 'reopened')::integer + 1);
    END IF;
    IF verb = 'resume' AND stood -> 'held_since' <> 'null' THEN
        found := found || jsonb_build_object('held_since', NULL, 'holds',
            (stood -> 'holds') || jsonb_build_array(jsonb_build_array(stood -> 'held_since', day)));
    END IF;
    RETURN found;
END $$;

-- The due date of a case whose clock runs again, which stood otherwise than was said.
CREATE FUNCTION casework_runs_again(
    held jsonb, stood jsonb, old jsonb, new jsonb, day text, moved boolean
) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    due date;
BEGIN
    IF stood = old AND NOT moved THEN
        RETURN new;
    END IF;
    IF stood = 'null' OR old = 'null' OR held IS NULL THEN
        RETURN stood;
    END IF;
    IF held -> 'held_since' <> 'null' THEN
        due := casework_resumed(held, day);
    ELSE
        due := (stood #>> '{}')::date
            + coalesce((new #>> '{}')::date - (old #>> '{}')::date, 0);
    END IF;
    IF due > '9999-12-31' THEN
        PERFORM casework_deny('the due date would lie after the last day of the calendar');
    END IF;
    RETURN to_jsonb(due);
END $$;

-- What an event makes of a record that stands otherwise than it said, or says less.
CREATE FUNCTION casework_becomes(
    kind text, held jsonb, said jsonb, day text, parts jsonb
) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    form constant jsonb := casework_rules() #> ARRAY['kinds', kind];
    stood constant jsonb := coalesce(held, form -> 'start');
    owner text;
    joined jsonb;
    given constant jsonb := CASE kind WHEN 'case' THEN casework_given(said, day, parts)
        ELSE '{}' END;
    becomes jsonb := given;
    part jsonb;
    name text;
    now jsonb;
BEGIN
    FOR part IN SELECT jsonb_array_elements(parts) LOOP
        name := part ->> 1;
        -- What is counted, a correction of another act does not say.
        CONTINUE WHEN CASE WHEN part ->> 0 = said ->> 'act' THEN given ? name
            ELSE casework_rules() #> '{timeline,counted}' ? name END;
        now := coalesce(becomes -> name, stood -> name);
        becomes := becomes || jsonb_build_object(name, CASE
            WHEN name = 'due' AND part ->> 0 = 'resume' THEN casework_runs_again(
                held, now, part -> 2, part -> 3, day, day <> said ->> 'effective_on')
            WHEN now = part -> 2 OR NOT form -> 'lists' ? name THEN part -> 3
            ELSE casework_list(now, part -> 2, part -> 3)
        END);
    END LOOP;
    IF kind = 'case' THEN
        becomes := becomes || casework_counted(stood, becomes, said, day, parts);
        -- No owner coordinates its own case, whoever was added when.
        owner := coalesce(becomes -> 'owner', stood -> 'owner') #>> '{}';
        joined := coalesce(becomes -> 'coordinating', stood -> 'coordinating');
        becomes := becomes || jsonb_build_object('coordinating',
            CASE WHEN owner IS NULL THEN joined ELSE joined - owner END);
    END IF;
    RETURN becomes;
END $$;

-- The timeline of a record's events, which are given in the order of recording.
CREATE FUNCTION casework_timeline(kind text, events jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rules constant jsonb := casework_rules();
    form constant jsonb := rules #> ARRAY['kinds', kind];
    told constant jsonb[] := ARRAY(SELECT jsonb_array_elements(events));
    seqs constant bigint[] := ARRAY(
        SELECT (one ->> 'seq')::bigint FROM jsonb_array_elements(events) AS one);
    days text[] := array_fill(NULL::text, ARRAY[cardinality(seqs)]);
    parts jsonb[] := array_fill(NULL::jsonb, ARRAY[cardinality(seqs)]);
    amended boolean[] := array_fill(false, ARRAY[cardinality(seqs)]);
    amending jsonb := '{}';
    struck jsonb := '{}';
    set_by jsonb := '{}';
    said jsonb;
    said_parts jsonb;
    target bigint;
    slot integer;
    name text;
    was text;
    becomes text;
    as_recorded boolean := true;
    held jsonb;
    steps jsonb[] := '{}';
BEGIN
    -- What strikes may be struck out itself.
    FOR place IN REVERSE cardinality(told) .. 1 LOOP
        said := told[place];
        IF said ? 'strikes' AND NOT struck ? (said ->> 'seq') THEN
            struck := struck || jsonb_build_object(said ->> 'strikes', said -> 'seq');
        END IF;
    END LOOP;

    FOR place IN 1 .. cardinality(told) LOOP
        said := told[place];
        CONTINUE WHEN said ? 'strikes' OR struck ? (said ->> 'seq');
        target := NULL;
        slot := NULL;
        IF said ? 'amends' THEN
            target := coalesce(amending ->> (said ->> 'amends'), said ->> 'amends');
            slot := array_position(seqs, target);
        ELSIF said ->> 'act' = 'correct' AND said -> 'v' = '1' THEN
            target := set_by ->> casework_corrects(said -> 'changes');
            slot := array_position(seqs, target);
            IF slot IS NULL OR parts[slot] IS NULL OR said ->> 'effective_on' > days[slot] THEN
                target := NULL;
            END IF;
        END IF;
        said_parts := casework_parts(said);
        IF target IS NULL THEN
            target := seqs[place];
            days[place] := said ->> 'effective_on';
            parts[place] := said_parts;
        ELSIF parts[slot] IS NOT NULL THEN
            amending := amending || jsonb_build_object(said ->> 'seq', target);
            amended[slot] := true;
            name := casework_corrects(said -> 'changes');
            IF rules #> '{lawful,steps}' ? name
                AND rules #>> ARRAY['changes', told[slot] ->> 'act', name] = 'day'
            THEN
                SELECT part ->> 3 INTO was
                FROM jsonb_array_elements(parts[slot]) WITH ORDINALITY AS one (part, number)
                WHERE part ->> 1 = name ORDER BY number DESC LIMIT 1;
                becomes := said #>> ARRAY['changes', name, '1'];
                IF becomes IS NOT NULL
                    AND (was IS NULL OR was IN (days[slot], told[slot] ->> 'effective_on'))
                THEN
                    days[slot] := becomes;
                    said_parts := coalesce((
                        SELECT jsonb_agg(part) FROM jsonb_array_elements(said_parts) AS part
                        WHERE part ->> 1 NOT IN (name, 'state_since')), '[]');
                END IF;
            END IF;
            parts[slot] := parts[slot] || said_parts;
        END IF;
        set_by := set_by || coalesce((
            SELECT jsonb_object_agg(field, target)
            FROM jsonb_object_keys(said -> 'changes') AS field), '{}');
    END LOOP;

    -- The first event makes the record, whatever its day.
    FOREACH slot IN ARRAY ARRAY(
        SELECT place::integer FROM unnest(parts) WITH ORDINALITY AS one (part, place)
        WHERE part IS NOT NULL
        ORDER BY told[place] -> 'version' > '1', days[place] COLLATE "C", place
    ) LOOP
        said := told[slot];
        as_recorded := as_recorded AND slot = cardinality(steps) + 1 AND NOT amended[slot];
        -- Without the act that made it there is no record.
        EXIT WHEN held IS NULL AND said -> 'version' > '1';
        held := coalesce(held, form -> 'blank' || jsonb_build_object(form ->> 'key', said -> 'key'))
            || CASE
                -- While nothing stands otherwise than when it was recorded, an event says it all.
                WHEN as_recorded THEN coalesce((
                    SELECT jsonb_object_agg(part ->> 1, part -> 3)
                    FROM jsonb_array_elements(parts[slot]) AS part), '{}')
                ELSE casework_becomes(kind, held, said, days[slot], parts[slot])
            END;
        steps := steps || jsonb_build_object(
            'seq', said -> 'seq', 'day', days[slot], 'place', slot - 1, 'after', held,
            -- What a correction says is not the act's.
            'names', ARRAY(
                SELECT DISTINCT (part ->> 1) COLLATE "C" FROM jsonb_array_elements(parts[slot]) AS part
                WHERE part -> 0 = said -> 'act' ORDER BY 1));
    END LOOP;
    RETURN jsonb_build_object(
        'events', events, 'steps', to_jsonb(steps), 'amending', amending, 'struck', struck,
        'loose', CASE WHEN steps = '{}' THEN (
            SELECT jsonb_agg(told[number] || jsonb_build_object('day', days[number])
                ORDER BY days[number] COLLATE "C", number)
            FROM unnest(parts) WITH ORDINALITY AS one (part, number) WHERE part IS NOT NULL
        ) END);
END $$;

-- --- what is asked of a timeline ---------------------------------------------------------------

-- The record as it stood at the end of a day; NULL where it was not there yet.
CREATE FUNCTION casework_on(kind text, known jsonb, day text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT step -> 'after'
    FROM jsonb_array_elements(known -> 'steps') WITH ORDINALITY AS one (step, place)
    WHERE (step ->> 'day' <= day OR place = 1) AND (
        known #>> '{steps,0,day}' <= day OR NOT casework_rules() #> '{timeline,dated}' ? kind)
    ORDER BY place DESC LIMIT 1
$$;

-- The step an event stands in: its own, or that of the event it amends.
CREATE FUNCTION casework_step_of(known jsonb, seq text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT step FROM jsonb_array_elements(known -> 'steps') AS step
    WHERE step ->> 'seq' = coalesce(known -> 'amending' ->> seq, seq)
$$;

-- What the steps of a case break: the number of the event, its act and its day, the rule, in words.
CREATE FUNCTION casework_faults(
    known jsonb, OUT seq bigint, OUT act text, OUT day text, OUT id text, OUT says text
) RETURNS SETOF record
LANGUAGE plpgsql STABLE AS $$
DECLARE
    step jsonb;
    said jsonb;
    held jsonb;
    why text[];
BEGIN
    FOR step IN SELECT jsonb_array_elements(known -> 'steps') LOOP
        said := known -> 'events' -> (step ->> 'place')::integer;
        why := casework_fault(
            said ->> 'act', held, step -> 'after',
            ARRAY(SELECT jsonb_array_elements_text(step -> 'names')),
            step ->> 'day', said ->> 'actor', said, said ? 'reported');
        IF why IS NOT NULL THEN
            seq := step -> 'seq';
            act := said ->> 'act';
            day := step ->> 'day';
            id := why[1];
            says := why[2];
            RETURN NEXT;
        END IF;
        held := step -> 'after';
    END LOOP;
END $$;

-- Whether the first act of a record was taken out.
CREATE FUNCTION casework_is_out(known jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(known -> 'steps' = '[]' AND known -> 'events' <> '[]', false)
$$;

-- A case whose proposal was taken out, as it stood; NULL where it was not.
CREATE FUNCTION casework_struck(record_key text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    striking bigint;
    events jsonb;
BEGIN
    SELECT seq INTO striking FROM struck_case WHERE ref = record_key FOR NO KEY UPDATE;
    IF striking IS NULL THEN
        RETURN NULL;
    END IF;
    events := casework_events('case', record_key);
    RETURN (casework_timeline('case', (
        SELECT jsonb_agg(one ORDER BY place)
        FROM jsonb_array_elements(events) WITH ORDINALITY AS told (one, place)
        WHERE one -> 'seq' <> to_jsonb(striking)
    )) #> '{steps,-1,after}') || jsonb_build_object('version', jsonb_array_length(events));
END $$;

-- Refuse to take the proposal of a case out while anything rests on it.
CREATE FUNCTION casework_judge_out(known jsonb, record_key text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
DECLARE
    later jsonb;
    other text;
BEGIN
    SELECT one INTO later
    FROM jsonb_array_elements(nullif(known -> 'loose', 'null')) WITH ORDINALITY AS told (one, place)
    WHERE NOT casework_rules() #> '{timeline,leaves}' ? (one ->> 'act')
    ORDER BY place DESC LIMIT 1;
    IF later IS NOT NULL THEN
        PERFORM casework_deny(format('event %s, %s of %s, rests on the proposal of %s',
            later -> 'seq', later ->> 'act', later ->> 'day', record_key));
    END IF;
    SELECT ref INTO other FROM case_link WHERE case_link.other = record_key ORDER BY ref LIMIT 1;
    IF other IS NOT NULL THEN
        PERFORM casework_deny(format('case %s is linked to %s', other, record_key));
    END IF;
    SELECT code INTO other FROM request
    WHERE subject_kind = 'case' AND subject = record_key AND decided IS NULL ORDER BY code LIMIT 1;
    IF other IS NOT NULL THEN
        PERFORM casework_deny(format('%s is asked of %s and not decided', other, record_key));
    END IF;
END $$;

-- How events, the first of which has a number, make a case unlawful where it was lawful, or bring its
-- days out of order; NULL where they do not.
CREATE FUNCTION casework_judge(before jsonb, known jsonb, first_new bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    wrong record;
    why text;
BEGIN
    SELECT * INTO wrong FROM casework_faults(known) AS one
    WHERE (one.seq, one.id) NOT IN (SELECT was.seq, was.id FROM casework_faults(before) AS was)
        -- That another act now changes nothing, no rule forbids.
        AND (one.id <> 'unchanged' OR one.seq >= first_new)
    LIMIT 1;
    IF wrong.seq >= first_new THEN
        RETURN wrong.says;
    ELSIF wrong.seq IS NOT NULL THEN
        RETURN format(
            'event %s, %s of %s, would not be lawful: %s',
            wrong.seq, wrong.act, wrong.day, wrong.says);
    END IF;
    SELECT says INTO why FROM casework_disorder(known #> '{steps,-1,after}')
    WHERE says NOT IN (
        SELECT was.says FROM casework_disorder(before #> '{steps,-1,after}') AS was) LIMIT 1;
    RETURN CASE WHEN before -> 'steps' <> '[]' THEN why END;
END $$;

-- Whether a case that was made unlawful may be so until the end of a transaction: it is there, and
-- what it is meanwhile a case may be.
CREATE FUNCTION casework_may_wait(before jsonb, known jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN before -> 'steps' <> '[]' AND known -> 'steps' <> '[]'
        AND casework_broken(known #> '{steps,-1,after}', false, true) = '{}';
END $$;

-- Judge a case at the end of a transaction that made it unlawful on its way, by the event from which
-- on it was.
CREATE FUNCTION casework_at_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    events constant jsonb := casework_events(
        'case', (SELECT event.key FROM event WHERE event.seq = NEW.seq));
    why text;
BEGIN
    why := casework_judge(
        casework_timeline('case', (
            SELECT coalesce(jsonb_agg(one ORDER BY place), '[]')
            FROM jsonb_array_elements(events) WITH ORDINALITY AS told (one, place)
            WHERE (one ->> 'seq')::bigint < NEW.seq
        )),
        casework_timeline('case', events), NEW.seq);
    IF why IS NOT NULL THEN
        PERFORM casework_deny(why);
    END IF;
    RETURN NULL;
END $$;

-- What is put off stands nowhere but here: the row is taken away again at once, and nobody but the
-- end of the transaction, or of the part of it that is undone, takes the check away.
CREATE CONSTRAINT TRIGGER casework_at_end AFTER INSERT ON moved_day
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.day = 'infinity')
EXECUTE FUNCTION casework_at_end();

-- Write on which days the events of a record take effect that do not do so on their own.
CREATE FUNCTION casework_write_moves(of_kind text, of_key text, known jsonb) RETURNS void
LANGUAGE sql AS $$
    DELETE FROM moved_day USING event
    WHERE event.seq = moved_day.seq AND event.kind = of_kind AND event.key = of_key;
    INSERT INTO moved_day (seq, day)
    SELECT (step -> 'seq')::bigint, (step ->> 'day')::date
    FROM jsonb_array_elements(known -> 'steps') AS step
    WHERE step ->> 'day' <> known -> 'events' -> (step ->> 'place')::integer ->> 'effective_on'
    UNION ALL
    SELECT struck::bigint, NULL FROM jsonb_object_keys(known -> 'struck') AS struck;
$$;
