-- What is seen, and locked, before anything is written.

-- Whether the one connected may read a record, as the policies have it.
CREATE FUNCTION casework_sees(kind text, stands jsonb) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT casework_reads_all() OR coalesce(
        CASE kind
            WHEN 'case' THEN
                ARRAY[stands ->> 'owner', stands ->> 'proposer'] && casework_offices()
                OR stands -> 'coordinating' ?| casework_offices()
            ELSE kind IN (@common@)
        END,
        false
    )
$$;

-- End the sessions that have kept a table's rows locked for longer than their login may while others
-- wait: a transaction of the program takes moments, and an import minutes. Who waits for a lock
-- itself is not at fault.
CREATE FUNCTION casework_release(locked text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    patience constant jsonb := casework_rules() -> 'patience';
BEGIN
    PERFORM pg_terminate_backend(one.pid)
    FROM pg_stat_activity AS one LEFT JOIN person ON person.login = one.usename
    WHERE one.datname = current_database() AND one.pid <> pg_backend_pid()
        AND one.wait_event_type IS DISTINCT FROM 'Lock'
        AND clock_timestamp() - one.xact_start > make_interval(
            secs => coalesce(patience ->> person.role, patience ->> 'desk')::integer)
        AND EXISTS (
            SELECT FROM pg_locks AS lock
            WHERE lock.pid = one.pid AND lock.granted AND lock.relation = format('%I', locked)::regclass
                AND lock.mode IN ('RowShareLock', 'RowExclusiveLock')
        )
        -- The server lets nobody end a session of its administrators.
        AND NOT pg_has_role(one.usesysid, current_user, 'MEMBER');
EXCEPTION WHEN insufficient_privilege THEN
    RAISE LOG 'casework cannot end who keeps % locked: grant pg_signal_backend and pg_read_all_stats to %',
        locked, current_user;
END $$;

-- Lock a row and return it, NULL where there is none. Whoever keeps others waiting for it without
-- end is ended; how long this one waits in all its lock_timeout says.
CREATE FUNCTION casework_held(locked text, key_column text, record_key text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    wanted constant text := current_setting('lock_timeout');
    longest constant interval := wanted::interval;
    started constant timestamptz := clock_timestamp();
    found jsonb;
BEGIN
    IF longest = '0' OR longest > '5s' THEN
        PERFORM set_config('lock_timeout', '5s', true);
    END IF;
    LOOP
        BEGIN
            EXECUTE format(
                'SELECT to_jsonb(held) FROM %I AS held WHERE %I = %L FOR NO KEY UPDATE',
                locked, key_column, record_key
            ) INTO found;
            PERFORM set_config('lock_timeout', wanted, true);
            RETURN found;
        EXCEPTION WHEN lock_not_available THEN
            IF longest <> '0' AND clock_timestamp() - started >= longest THEN
                RAISE;
            END IF;
            PERFORM casework_release(locked);
        END;
    END LOOP;
END $$;

-- Whether the one connected may record anything on a kind of record, and so lock one. A desk does on
-- cases and on itself, and on more for whom it stands in.
CREATE FUNCTION casework_locks(kind text, record_key text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT casework_keeps() OR coalesce(
        CASE me.role
            WHEN 'inspector' THEN false
            WHEN 'desk' THEN kind = 'case' OR kind = 'person' AND record_key = me.code
                OR EXISTS (SELECT FROM casework_stood_in_for() WHERE role <> 'desk')
            ELSE true
        END,
        false
    ) FROM casework_me() AS me
$$;

-- Lock records in the order given; tell of each its version.
CREATE FUNCTION casework_lock(kinds text[], keys text[]) RETURNS SETOF integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
DECLARE
    rules constant jsonb := casework_rules();
    found jsonb;
BEGIN
    IF NOT casework_is_somebody() THEN
        PERFORM casework_deny(format('nobody in this register has the login %s', session_user));
    END IF;
    IF cardinality(keys) > 10000 THEN
        PERFORM casework_deny('too many records at once');
    END IF;
    FOR place IN 1 .. coalesce(array_length(keys, 1), 0) LOOP
        IF NOT rules -> 'kinds' ? kinds[place] THEN
            PERFORM casework_deny(format('there is no kind of record called %s', kinds[place]));
        END IF;
        -- Who writes nothing locks nothing.
        IF NOT casework_locks(kinds[place], keys[place]) THEN
            PERFORM casework_deny(format('%s records nothing on a %s', session_user, kinds[place]));
        END IF;
        found := casework_held(
            kinds[place], rules #>> ARRAY['kinds', kinds[place], 'key'], keys[place]);
        IF found IS NULL AND kinds[place] = 'case' THEN
            found := casework_struck(keys[place]);
        END IF;
        IF found IS NULL OR NOT casework_sees(kinds[place], found) THEN
            RAISE EXCEPTION USING ERRCODE = 'CW409',
                MESSAGE = format('there is no %s %s', kinds[place], keys[place]);
        END IF;
        RETURN NEXT (found -> 'version')::integer;
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
    IF NOT casework_locks('case', NULL) THEN
        PERFORM casework_deny(format('%s records nothing', session_user));
    END IF;
    PERFORM casework_held('log_head', 'id', '1');
    RETURN QUERY SELECT held.size, held.root, held.peaks FROM log_head AS held;
END $$;
