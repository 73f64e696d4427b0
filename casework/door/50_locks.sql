-- What is seen, and locked, before anything is written.

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
