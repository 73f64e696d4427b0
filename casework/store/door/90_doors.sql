-- What a login may call.

-- Record that somebody tried what they may not do: an event on themselves, which changes nothing.
-- Of one login so many a minute are recorded; the server's own log has them all, cut short.
CREATE FUNCTION casework_refused(what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    me constant person := casework_me();
    salts constant text[] := ARRAY[
        replace(gen_random_uuid()::text, '-', ''), replace(gen_random_uuid()::text, '-', '')];
    login constant jsonb := to_jsonb(session_user::text);
    blanks constant text := '[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+';
    words constant text := regexp_replace(
        left(normalize(left(coalesce(what, ''), 1000), NFC), 500),
        '^' || blanks || '|' || blanks || '$', '', 'g');
    note constant jsonb := to_jsonb(CASE WHEN words = '' THEN 'refused' ELSE words END);
    moment constant timestamptz := clock_timestamp();
    zone text;
BEGIN
    -- The server's own log keeps it even if this transaction is rolled back.
    RAISE LOG 'casework refused %: %', session_user, words;
    IF me.code IS NULL OR (
        SELECT count(*) >= (casework_rules() ->> 'refusals')::integer FROM event
        WHERE kind = 'person' AND key = me.code AND act = 'refused'
            AND recorded_at > to_char(
                (moment - interval '1 minute') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    ) THEN
        RETURN;
    END IF;
    PERFORM casework_held('person', 'code', me.code);
    SELECT register.zone INTO zone FROM register;
    PERFORM casework_take(
        ARRAY[casework_canonical(jsonb_build_object(
            'act', 'refused', 'actor', me.code, 'changes', '{}'::jsonb,
            'effective_on', to_char(moment AT TIME ZONE zone, 'YYYY-MM-DD'),
            'key', me.code, 'kind', 'person',
            'login', jsonb_build_object('commitment', casework_commitment(salts[1], login)),
            'note', jsonb_build_object('commitment', casework_commitment(salts[2], note)),
            'recorded_at',
            to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'tool', 'casework server', 'v', 2,
            'version', (SELECT version + 1 FROM person WHERE code = me.code)))],
        ARRAY[casework_canonical(jsonb_build_object(
            'login', jsonb_build_array(salts[1], login),
            'note', jsonb_build_array(salts[2], note)))],
        ours => true);
END $$;

-- The door, for events without a number. Returns the number of the first one; or why they were
-- refused, once that is recorded: an exception would also take back the record of the refusal. What
-- is refused was judged while nobody else recorded anything. What a case comes to in a transaction
-- may be judged `later`, at its end.
CREATE FUNCTION casework_record(
    bodies text[], disclosures text[], later boolean DEFAULT false, OUT why text, OUT first bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    alone boolean;
BEGIN
    FOREACH alone IN ARRAY ARRAY[false, true] LOOP
        BEGIN
            first := casework_take(bodies, disclosures, alone => alone, later => later);
            why := NULL;
            RETURN;
        EXCEPTION WHEN SQLSTATE 'CW403' OR SQLSTATE 'CW449' THEN
            GET STACKED DIAGNOSTICS why = MESSAGE_TEXT;
        END;
    END LOOP;
    PERFORM casework_refused(why);
END $$;
