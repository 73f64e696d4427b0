-- Refusing, and what an event commits to.

CREATE FUNCTION casework_deny(words text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CW403', MESSAGE = words;
END $$;

-- The value of a private field, once what is disclosed of it is what the event commits to.
CREATE FUNCTION casework_opened(held jsonb, disclosed jsonb, path text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    salt text := disclosed #>> ARRAY[path, '0'];
    value jsonb := disclosed #> ARRAY[path, '1'];
BEGIN
    IF held = 'null' OR held = '[]' THEN
        RETURN held;
    END IF;
    IF jsonb_typeof(held) <> 'object' OR held - 'commitment' <> '{}' THEN
        PERFORM casework_deny(format('%s is private, but stands in the event in clear', path));
    END IF;
    IF salt IS NULL OR salt !~ '^[0-9a-f]{32}$' OR jsonb_array_length(disclosed -> path) <> 2
        OR casework_commitment(salt, value) IS DISTINCT FROM held ->> 'commitment'
    THEN
        PERFORM casework_deny(format('%s is not what the event commits to', path));
    END IF;
    RETURN value;
END $$;
