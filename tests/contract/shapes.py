"""What a database's catalog holds, and what of a newer one keeps older processes from going on."""

from typing import Any

import psycopg

#: By kind and name, whatever the order in which it was made.
Shape = dict[tuple[str, str], str]

_CATALOG = """
    SELECT 'column', format('%s.%s', attrelid::regclass, attname), concat_ws('; ', format_type(atttypid, atttypmod),
        CASE WHEN attnotnull THEN 'not null' END, CASE WHEN attidentity <> '' THEN 'identity ' || attidentity::text END,
        CASE attgenerated WHEN '' THEN 'default ' ELSE 'generated ' END || pg_get_expr(adbin, adrelid))
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT 'constraint', format('%s.%s', conrelid::regclass, conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', format('%s.%s', tgrelid::regclass, tgname), pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', oid::regprocedure::text, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'kind', format('%s %s', relkind, relname), '' FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('S', 'v', 'm')
    UNION ALL SELECT 'type', typname, '' FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
"""


def shape_of(connection: psycopg.Connection[Any]) -> Shape:
    """Columns, constraints, indexes, triggers and all else that was made in a database."""
    return {(kind, name): what for kind, name, what in connection.execute(_CATALOG)}


def hinders_older(former: Shape, latter: Shape) -> set[str]:
    """Columns that are gone or changed, and those that a process would have to fill which does not know them."""
    before, after = (
        {name: what for (kind, name), what in shape.items() if kind == "column"} for shape in (former, latter)
    )
    tables = {name.partition(".")[0] for name in before}
    gone = {name for name, what in before.items() if after.get(name) != what}
    owed = {
        name
        for name, what in after.items()
        if name not in before and name.partition(".")[0] in tables and what.endswith("; not null")
    }
    return gone | owed
