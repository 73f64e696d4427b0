-- The rights of a shared register, decided where nobody's program can be changed: in the server.
--
-- Tables belong to whoever owns them and to nobody else. What a login reads is decided by the
-- policies below; what it writes goes through casework_record, which takes events, checks each
-- against the register as it stands and against casework_rules(), and itself writes the rows, the
-- log and its head. Who is connected is session_user, which no setting of a client changes.
--
-- A refusal has the SQLSTATE CW403, a version that is no longer current CW409. Every function that a
-- login may call looks names up in this schema only: not in the temporary objects of a session, which
-- come last. All others are called by those, and keep their search_path: to set it takes longer than
-- most of them do.


-- Who is connected.

-- Whether the one connected could do everything anyway: superusers, and members of the owner.
CREATE FUNCTION casework_keeps() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
BEGIN
    RETURN pg_has_role(session_user, current_user, 'MEMBER');
END $$;

CREATE FUNCTION casework_me() RETURNS person
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT person FROM person
    WHERE login = session_user::text AND ended_on IS NULL AND NOT EXISTS (
        -- PostgreSQL itself asks this of passwords only.
        SELECT FROM pg_roles WHERE rolname = session_user AND rolvaliduntil <= clock_timestamp()
    )
$$;

-- Whether somebody stands in for the one away on a day, as deputies.stands_in has it.
CREATE FUNCTION casework_stands_in(deputy person, away person, day date) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        deputy.ended_on IS NULL AND away.ended_on IS NULL AND away.deputy = deputy.code
        AND day BETWEEN away.away_from AND away.away_to
        AND (day BETWEEN deputy.away_from AND deputy.away_to) IS NOT TRUE, false)
$$;

-- For whom the one connected stands in today, by the clock of this server.
CREATE FUNCTION casework_stood_in_for() RETURNS SETOF person
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT away.* FROM casework_me() AS me JOIN person AS away ON away.deputy = me.code
        CROSS JOIN register
    WHERE casework_stands_in(me, away, (clock_timestamp() AT TIME ZONE register.zone)::date)
$$;

CREATE FUNCTION casework_standing(
    OUT keeps boolean, OUT login text, OUT code text, OUT role text, OUT org text
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT casework_keeps(), session_user::text, me.code, me.role, me.org
    FROM (SELECT (casework_me()).*) AS me
$$;

-- Whether the one connected, or somebody they stand in for, may read the whole register.
CREATE FUNCTION casework_reads_all() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT casework_keeps()
        OR coalesce((casework_me()).role IN ('secretariat', 'inspector', 'admin'), false)
        OR EXISTS (SELECT FROM casework_stood_in_for() WHERE role <> 'desk')
$$;

CREATE FUNCTION casework_is_somebody() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT casework_keeps() OR (casework_me()).role IS NOT NULL
$$;

-- The organisations whose cases a desk reads and answers for: its own, and those of whom it stands
-- in for.
CREATE FUNCTION casework_offices() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT coalesce(array_agg(one.org::text), '{}') FROM (
        SELECT (casework_me()).* UNION ALL SELECT * FROM casework_stood_in_for()
    ) AS one WHERE one.role = 'desk' AND one.org IS NOT NULL
$$;

-- When the last event was recorded, which whoever may not read it still puts on a paper.
CREATE FUNCTION casework_recorded_at() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_temp AS $$
    SELECT recorded_at FROM event WHERE casework_is_somebody() ORDER BY seq DESC LIMIT 1
$$;
