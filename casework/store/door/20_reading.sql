-- What may be read.

-- (SELECT f()) is asked once for a statement, f() once for a row. Whoever reads all reads rows of no
-- record as well: nothing may hide them from a verification.
ALTER TABLE "case" ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON "case" FOR SELECT USING (
    (SELECT casework_reads_all())
    OR owner = ANY ((SELECT casework_offices())::text[])
    OR proposer = ANY ((SELECT casework_offices())::text[])
    OR coordinating::jsonb ?| (SELECT casework_offices())
);

ALTER TABLE struck_case ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON struck_case FOR SELECT USING (
    (SELECT casework_reads_all()) OR proposer = ANY ((SELECT casework_offices())::text[])
);

ALTER TABLE event ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON event FOR SELECT USING (
    (SELECT casework_reads_all())
    OR (
        (SELECT casework_is_somebody())
        AND CASE kind
            WHEN 'case' THEN EXISTS (SELECT FROM "case" WHERE ref = event.key)
                OR EXISTS (SELECT FROM struck_case WHERE ref = event.key)
            WHEN 'person' THEN event.key = (SELECT code FROM casework_standing())
            ELSE kind IN (@common@)
        END
    )
);

ALTER TABLE disclosure ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON disclosure FOR SELECT USING (
    (SELECT casework_reads_all())
    OR EXISTS (SELECT FROM event WHERE event.seq = disclosure.seq)
);

ALTER TABLE moved_day ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON moved_day FOR SELECT USING (
    (SELECT casework_reads_all())
    OR EXISTS (SELECT FROM event WHERE event.seq = moved_day.seq)
);

ALTER TABLE case_coordinating ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON case_coordinating FOR SELECT USING (
    (SELECT casework_reads_all())
    OR EXISTS (SELECT FROM "case" WHERE "case".ref = case_coordinating.ref)
);

ALTER TABLE case_theme ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON case_theme FOR SELECT USING (
    (SELECT casework_reads_all())
    OR EXISTS (SELECT FROM "case" WHERE "case".ref = case_theme.ref)
);

ALTER TABLE case_link ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON case_link FOR SELECT USING (
    (SELECT casework_reads_all())
    OR EXISTS (SELECT FROM "case" WHERE "case".ref = case_link.ref)
);

ALTER TABLE reminder ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON reminder FOR SELECT USING (
    (SELECT casework_reads_all())
    OR EXISTS (SELECT FROM "case" WHERE "case".ref = reminder.ref)
);

ALTER TABLE digest ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON digest FOR SELECT USING ((SELECT casework_reads_all()));

ALTER TABLE request ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON request FOR SELECT USING ((SELECT casework_reads_all()));

ALTER TABLE intake ENABLE ROW LEVEL SECURITY;
CREATE POLICY casework_reads ON intake FOR SELECT USING ((SELECT casework_reads_all()));

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[@common@, 'name_key', 'log_head'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY casework_reads ON %I FOR SELECT USING ((SELECT casework_is_somebody()))',
            name
        );
    END LOOP;
END $$;
