-- Takes the job queue away, whatever of it is there.

DO $$
DECLARE thing text;
BEGIN
    FOR thing IN SELECT format('TABLE %s', oid::regclass) FROM pg_class
        WHERE relname LIKE 'procrastinate\_%' AND relkind = 'r' AND pg_table_is_visible(oid)
    LOOP EXECUTE format('DROP %s CASCADE', thing); END LOOP;
    FOR thing IN SELECT format('FUNCTION %s', oid::regprocedure) FROM pg_proc
        WHERE proname LIKE 'procrastinate\_%' AND pg_function_is_visible(oid)
    LOOP EXECUTE format('DROP %s CASCADE', thing); END LOOP;
    FOR thing IN SELECT format('TYPE %s', oid::regtype) FROM pg_type
        WHERE typname LIKE 'procrastinate\_%' AND typtype IN ('e', 'c', 'd') AND pg_type_is_visible(oid)
    LOOP EXECUTE format('DROP %s CASCADE', thing); END LOOP;
END $$;
