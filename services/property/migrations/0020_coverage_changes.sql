-- Which compounds coverage has to be counted anew of, and from which day on: whoever writes a fact says so, by triggers.

CREATE TABLE coverage_changes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_coverage_changes PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    compound_id uuid,
    street_id uuid,
    since date NOT NULL DEFAULT '0001-01-01'
);
CREATE INDEX ix_coverage_changes_xid ON coverage_changes (xid);
CREATE INDEX ix_coverage_changes_at ON coverage_changes (at);

-- Of facts on compounds: from the day on from which each holds, whatever it said before and says now.
CREATE FUNCTION tell_of_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO coverage_changes (compound_id, since)'
        ' SELECT compound_id, min(%I) FROM changed GROUP BY compound_id', TG_ARGV[0]);
    RETURN NULL;
END $$;

-- Of compounds themselves: on all days, of the street where each was and of the one where it is.
CREATE FUNCTION tell_of_compounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO coverage_changes (compound_id, street_id)
    SELECT changed.id, divisions.parent_id FROM changed JOIN divisions ON divisions.id = changed.community_id;
    RETURN NULL;
END $$;

-- Of divisions, and of a table that is emptied: of everything on all days.
CREATE FUNCTION tell_of_everything() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO coverage_changes DEFAULT VALUES;
    RETURN NULL;
END $$;

-- Has a table's changes told, those before and after by a trigger each, since one may see only the rows of one kind of change.
CREATE FUNCTION tell_coverage(
    fact regclass, by text, changes text[] DEFAULT ARRAY['INSERT/NEW', 'UPDATE/OLD', 'UPDATE/NEW', 'DELETE/OLD']
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE change text;
BEGIN
    FOREACH change IN ARRAY changes LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s REFERENCING %s TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION %s',
            'tell_coverage_' || lower(replace(change, '/', '_')), split_part(change, '/', 1), fact, split_part(change, '/', 2), by);
    END LOOP;
    EXECUTE format('CREATE TRIGGER tell_coverage_truncate AFTER TRUNCATE ON %s'
        ' FOR EACH STATEMENT EXECUTE FUNCTION tell_of_everything()', fact);
END $$;

-- A compound that is entered is counted when a survey names it.
SELECT tell_coverage('compounds', 'tell_of_compounds()', ARRAY['UPDATE/OLD', 'UPDATE/NEW', 'DELETE/OLD']);
SELECT tell_coverage('observations', 'tell_of_facts(as_of)');
SELECT tell_coverage('committees', 'tell_of_facts(formed_on)');
SELECT tell_coverage('red_properties', 'tell_of_facts(designated_on)');
SELECT tell_coverage('contracts', 'tell_of_facts(starts_on)');
SELECT tell_coverage('charges', 'tell_of_facts(begins_on)');
CREATE TRIGGER tell_coverage AFTER UPDATE OR DELETE OR TRUNCATE ON divisions
    FOR EACH STATEMENT EXECUTE FUNCTION tell_of_everything();
