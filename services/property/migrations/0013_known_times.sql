-- What was known when: rows of facts that are changed or removed leave their former version in former_rows.

-- The service's time, which it tells in each transaction that writes facts; without it the transaction's own.
CREATE FUNCTION service_time() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('service.time', true), '')::timestamptz, transaction_timestamp())
$$;

CREATE TABLE former_rows (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_former_rows PRIMARY KEY,
    table_name text NOT NULL,
    row jsonb NOT NULL,
    known_from timestamptz NOT NULL,
    known_until timestamptz NOT NULL
);
CREATE INDEX ix_former_rows_table_name_known_until ON former_rows (table_name, known_until);
CREATE INDEX ix_former_rows_compound ON former_rows ((row ->> 'compound_id'));

-- A changed row says something else from now on.
CREATE FUNCTION know_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.known_from := greatest(OLD.known_from, service_time());
    RETURN NEW;
END $$;

-- Once for each statement, however many rows it changes; what was said and unsaid at one moment was never known.
CREATE FUNCTION keep_former() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO former_rows (table_name, row, known_from, known_until)
    SELECT TG_TABLE_NAME, to_jsonb(former), former.known_from, service_time()
    FROM former WHERE former.known_from < service_time();
    RETURN NULL;
END $$;

-- Has a table's rows remembered; each table of facts, in the revision that makes it, is given to this.
CREATE FUNCTION remember(fact regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ADD COLUMN known_from timestamptz NOT NULL DEFAULT service_time()', fact);
    EXECUTE format('CREATE TRIGGER know_anew BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION know_anew()', fact);
    EXECUTE format('CREATE TRIGGER keep_former_of_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS former'
        ' FOR EACH STATEMENT EXECUTE FUNCTION keep_former()', fact);
    EXECUTE format('CREATE TRIGGER keep_former_of_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS former'
        ' FOR EACH STATEMENT EXECUTE FUNCTION keep_former()', fact);
END $$;

-- Of what stands already: surveys say when they were recorded, ids (version 7) when they were made.
CREATE FUNCTION pg_temp.made(id uuid) RETURNS timestamptz LANGUAGE sql AS $$
    SELECT to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;
DO $$
DECLARE fact text;
BEGIN
    FOREACH fact IN ARRAY ARRAY['compounds', 'observations', 'committees', 'red_properties', 'contracts', 'charges'] LOOP
        PERFORM remember(fact::regclass);
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', fact);
        EXECUTE format('UPDATE %I SET known_from = %s', fact,
            CASE fact WHEN 'observations' THEN 'recorded_at' ELSE 'pg_temp.made(id)' END);
        EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', fact);
    END LOOP;
END $$;
