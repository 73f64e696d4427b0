-- Canonical bytes and the tree, as casework/audit makes them.

-- The restricted JSON of the log: sorted keys, no white space, no floats (RFC 8785 on this profile).
-- To ask a query costs more than most values: texts, what a field was and becomes, commitments.
CREATE FUNCTION casework_canonical(value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    kind constant text := jsonb_typeof(value);
    name text;
    item jsonb;
    told text := '';
BEGIN
    IF kind IN ('string', 'null', 'boolean') THEN
        RETURN value::text;
    ELSIF kind = 'number' THEN
        -- One spelling of each whole number, and none of a fraction.
        RETURN trunc((value #>> '{}')::numeric)::text;
    ELSIF kind = 'array' THEN
        IF value = '[]' THEN
            RETURN '[]';
        ELSIF jsonb_array_length(value) = 2 THEN
            RETURN '[' || casework_canonical(value -> 0) || ',' || casework_canonical(value -> 1)
                || ']';
        END IF;
        RETURN '[' || (
            SELECT string_agg(
                CASE
                    WHEN jsonb_typeof(item.value) IN ('string', 'null') THEN item.value::text
                    ELSE casework_canonical(item.value)
                END, ',' ORDER BY item.place
            )
            FROM jsonb_array_elements(value) WITH ORDINALITY AS item (value, place)
        ) || ']';
    ELSIF jsonb_typeof(value -> 'commitment') = 'string' AND value - 'commitment' = '{}' THEN
        RETURN '{"commitment":' || (value -> 'commitment')::text || '}';
    END IF;
    -- What is asked of each member is made ready once in a transaction, that of a query each time.
    FOR name, item IN
        SELECT pair.key, pair.value FROM jsonb_each(value) AS pair ORDER BY pair.key COLLATE "C"
    LOOP
        told := told || ',' || to_jsonb(name)::text || ':' || CASE
            WHEN jsonb_typeof(item) IN ('string', 'null') THEN item::text
            ELSE casework_canonical(item)
        END;
    END LOOP;
    RETURN '{' || substr(told, 2) || '}';
END $$;

-- The canonical text of an event that has no number yet, in the three pieces between which it is
-- told which event of its record it follows, and which of the log it is.
CREATE FUNCTION casework_pieces(said jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY[
        string_agg(pair, ',') FILTER (WHERE key < 'prev'),
        string_agg(pair, ',') FILTER (WHERE key > 'prev' AND key < 'seq'),
        string_agg(pair, ',') FILTER (WHERE key > 'seq')]
    FROM (
        -- Put in order once, for all three.
        SELECT key COLLATE "C",
            to_jsonb(key)::text || ':' || CASE
                WHEN jsonb_typeof(value) IN ('string', 'null') THEN value::text
                ELSE casework_canonical(value)
            END
        FROM jsonb_each(said)
        ORDER BY 1
    ) AS one (key, pair)
$$;

-- SHA-256 over a tag, the salt and the value, in hexadecimal.
CREATE FUNCTION casework_commitment(salt text, value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN encode(
        sha256(
            convert_to('casework/field/1', 'UTF8') || '\x00'::bytea || decode(salt, 'hex')
            || convert_to(casework_canonical(value), 'UTF8')
        ),
        'hex'
    );
END $$;

-- The peaks of a log of `size` leaves once a leaf is added (RFC 6962, 2.1).
CREATE FUNCTION casework_grown(peaks bytea, size bigint, leaf bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    WHILE size % 2 = 1 LOOP
        leaf := sha256('\x01'::bytea || substr(peaks, length(peaks) - 31) || leaf);
        peaks := substr(peaks, 1, length(peaks) - 32);
        size := size / 2;
    END LOOP;
    RETURN peaks || leaf;
END $$;

CREATE FUNCTION casework_root(peaks bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    root bytea := substr(peaks, length(peaks) - 31);
BEGIN
    IF length(peaks) = 0 THEN
        RETURN sha256(''::bytea);
    END IF;
    FOR place IN REVERSE length(peaks) / 32 - 2 .. 0 LOOP
        root := sha256('\x01'::bytea || substr(peaks, place * 32 + 1, 32) || root);
    END LOOP;
    RETURN root;
END $$;
