-- What a value may be. The types are those of casework/kinds/forms.py, which the rules bring as JSON.
--
-- These are asked of every value, so that none of them sets a search_path of its own: whoever calls
-- them has set it, and they name nothing but each other and what PostgreSQL itself has.

-- Whether a text is a date that there is.
CREATE FUNCTION casework_is_date(value text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    year integer;
BEGIN
    IF value !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' THEN
        RETURN false;
    END IF;
    year := substr(value, 1, 4);
    RETURN substr(value, 9, 2)::integer <= CASE
        WHEN substr(value, 6, 2) IN ('04', '06', '09', '11') THEN 30
        WHEN substr(value, 6, 2) <> '02' THEN 31
        WHEN year % 4 = 0 AND (year % 100 <> 0 OR year % 400 = 0) THEN 29
        ELSE 28
    END;
END $$;

-- What is wrong with a text, NULL where nothing is.
CREATE FUNCTION casework_wrong_text(words text, form jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    blanks constant text := '[\u0009-\u000d\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]';
    plain constant boolean := octet_length(words) = char_length(words);
BEGIN
    IF words = '' THEN
        RETURN CASE WHEN form ? 'empty' THEN NULL ELSE 'is empty' END;
    END IF;
    IF char_length(words) > (form ->> 'most')::integer THEN
        RETURN format('has more than %s characters', form ->> 'most');
    END IF;
    IF NOT form ? 'verbatim' THEN
        IF NOT plain AND words IS NOT NFC NORMALIZED THEN
            RETURN 'is not in the form NFC';
        END IF;
        -- Most begin and end with a letter or a figure of ASCII.
        IF (NOT plain OR left(words, 1) COLLATE "C" < '!' OR right(words, 1) COLLATE "C" < '!')
            AND (left(words, 1) ~ blanks OR right(words, 1) ~ blanks)
        THEN
            RETURN 'begins or ends with white space';
        END IF;
    END IF;
    IF form ? 'like' AND words !~ (form ->> 'like') THEN
        RETURN 'has characters it may not have, or not the right form';
    END IF;
    RETURN NULL;
END $$;

-- What is wrong with a value, NULL where it is of its type; what has no type is not known.
CREATE FUNCTION casework_wrong(value jsonb, form jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    kind constant text := coalesce(jsonb_typeof(value), 'none');
    words text;
    why text;
    name text;
    item jsonb;
    place integer := 0;
BEGIN
    -- Most values are texts.
    IF kind = 'string' THEN
        words := value #>> '{}';
        IF form ->> 'is' = 'text' THEN
            RETURN casework_wrong_text(words, form);
        END IF;
    ELSIF kind = 'number' THEN
        words := value #>> '{}';
    END IF;
    IF form IS NULL THEN
        RETURN 'is not known';
    END IF;
    IF form ->> 'is' = 'any' THEN
        RETURN NULL;
    END IF;
    IF kind = 'null' AND form ? 'null' THEN
        RETURN NULL;
    END IF;
    IF kind IS DISTINCT FROM (
        CASE form ->> 'is'
            WHEN 'integer' THEN 'number'
            WHEN 'list' THEN 'array'
            WHEN 'tuple' THEN 'array'
            WHEN 'map' THEN 'object'
            WHEN 'object' THEN 'object'
            ELSE 'string'
        END
    ) THEN
        RETURN CASE WHEN kind IN ('none', 'null') THEN 'is missing'
            ELSE format('must be of type %s, but is of type %s', form ->> 'is', kind) END;
    END IF;
    CASE form ->> 'is'
        WHEN 'word' THEN
            RETURN CASE WHEN NOT form -> 'among' ? words THEN 'is not one of the allowed words' END;
        WHEN 'date' THEN
            RETURN CASE WHEN NOT casework_is_date(words) OR words < form ->> 'least'
                OR words > form ->> 'most' THEN 'is not a valid date' END;
        WHEN 'stamp' THEN
            RETURN CASE WHEN NOT casework_is_date(left(words, 10)) OR substr(words, 11)
                !~ '^T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9][.][0-9]{6}Z$'
                THEN 'is not a valid time stamp' END;
        WHEN 'integer' THEN
            IF words !~ '^(0|-?[1-9][0-9]{0,15})$' OR words::bigint < (form ->> 'least')::bigint
                OR words::bigint > (form ->> 'most')::bigint
            THEN
                RETURN 'is not a whole number within its limits';
            END IF;
        WHEN 'list' THEN
            FOR item IN SELECT jsonb_array_elements(value) LOOP
                why := casework_wrong(item, form -> 'of');
                IF why IS NOT NULL THEN
                    RETURN 'has an item that ' || why;
                END IF;
            END LOOP;
        WHEN 'tuple' THEN
            IF jsonb_array_length(value) <> jsonb_array_length(form -> 'of') THEN
                RETURN format('does not have %s items', jsonb_array_length(form -> 'of'));
            END IF;
            FOR item IN SELECT jsonb_array_elements(value) LOOP
                why := casework_wrong(item, form -> 'of' -> place);
                IF why IS NOT NULL THEN
                    RETURN 'has an item that ' || why;
                END IF;
                place := place + 1;
            END LOOP;
        WHEN 'map' THEN
            IF NOT form ? 'of' THEN
                RETURN NULL;
            END IF;
            FOR name, item IN SELECT * FROM jsonb_each(value) LOOP
                why := coalesce(
                    casework_wrong_text(name, '{"most": 100}'), casework_wrong(item, form -> 'of'));
                IF why IS NOT NULL THEN
                    RETURN format('has a member %s that %s', left(name, 100), why);
                END IF;
            END LOOP;
        WHEN 'object' THEN
            IF NOT value ?& ARRAY(SELECT jsonb_array_elements_text(form -> 'needed')) THEN
                RETURN 'lacks a member';
            END IF;
            -- What may be nothing, and is, is not asked again.
            FOR name, item IN
                SELECT one.key, one.value FROM jsonb_each(value) AS one
                WHERE one.value <> 'null' OR (form -> 'members' -> one.key ? 'null') IS NOT TRUE
            LOOP
                why := casework_wrong(item, form -> 'members' -> name);
                IF why IS NOT NULL THEN
                    RETURN format('has a member %s that %s', left(name, 100), why);
                END IF;
            END LOOP;
    END CASE;
    RETURN NULL;
END $$;

-- The text a reference is looked up by, as text.fold_code makes it. What most texts have is done
-- first, for the long table of letters takes long.
CREATE FUNCTION casework_fold_code(words text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    folding jsonb;
    pair record;
BEGIN
    IF octet_length(words) <> char_length(words) THEN
        folding := casework_rules() -> 'folding';
        words := regexp_replace(normalize(words, NFKD), '[\u0300-\u036f]+', '', 'g');
        words := translate(words, folding ->> 'near', folding ->> 'near_to');
    END IF;
    IF octet_length(words) <> char_length(words) THEN
        words := translate(words, folding ->> 'far', folding ->> 'far_to');
        FOR pair IN SELECT * FROM jsonb_each_text(folding -> 'longer') LOOP
            words := replace(words, pair.key, pair.value);
        END LOOP;
    END IF;
    -- Of white space only ASCII's is left.
    RETURN btrim(regexp_replace(
        lower(words COLLATE "C"), '[\u0009-\u000d\u001c-\u0020]+', ' ', 'g'));
END $$;

-- The text a name is looked up by, and a case searched, as text.fold makes it.
CREATE FUNCTION casework_fold(words text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    folding jsonb;
BEGIN
    IF octet_length(words) <> char_length(words) THEN
        folding := casework_rules() -> 'folding';
        words := translate(
            normalize(words, NFKD), folding ->> 'alike', folding ->> 'alike_to');
    END IF;
    RETURN casework_fold_code(words);
END $$;
