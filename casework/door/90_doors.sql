-- What a login may call.

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
        ours => true);
END $$;

-- The door. Returns why events were refused, once that is recorded, and nothing when they were
-- taken: an exception would also take back the record of the refusal.
CREATE FUNCTION casework_record(bodies text[], disclosures text[]) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    why text;
BEGIN
    BEGIN
        PERFORM casework_take(bodies, disclosures);
        RETURN NULL;
    EXCEPTION WHEN SQLSTATE 'CW403' THEN
        GET STACKED DIAGNOSTICS why = MESSAGE_TEXT;
    END;
    PERFORM casework_refused(why);
    RETURN why;
END $$;
