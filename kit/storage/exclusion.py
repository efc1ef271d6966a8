"""Periods of one thing that never overlap, kept by the database itself, without any extension.

An exclusion constraint over a thing and its days needs btree_gist, which the PostgreSQL that comes as a wheel does not
have. Ranges of numbers have their index in its core, so `days_of(id, begins, ends)` gives every thing a stretch of
numbers of its own, one for each day: two rows overlap there when they are of the same thing and share a day.
"""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

#: What a migration creates before the first table that uses it. A period without an end never ends; both days are of it.
DAYS_OF = """
CREATE OR REPLACE FUNCTION days_of(thing uuid, begins date, ends date) RETURNS numrange
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT numrange(
    own * 10000000 + (begins - date '0001-01-01'),
    own * 10000000 + coalesce(ends - date '0001-01-01' + 1, 9999999)
  )
  FROM (SELECT
    ('x' || substr(hex, 1, 8))::bit(32)::bigint::numeric * 79228162514264337593543950336
    + ('x' || substr(hex, 9, 8))::bit(32)::bigint::numeric * 18446744073709551616
    + ('x' || substr(hex, 17, 8))::bit(32)::bigint::numeric * 4294967296
    + ('x' || substr(hex, 25, 8))::bit(32)::bigint::numeric AS own
    FROM (SELECT replace(thing::text, '-', '') AS hex) AS as_hex
  ) AS as_number
$$
"""


def one_at_a_time(
    name: str, thing: str, begins: str = "begins_on", ends: str = "ends_on"
) -> ExcludeConstraint:
    """A table's constraint that no two rows of one thing (a column of ids) have a day in common."""
    return ExcludeConstraint(
        (text(f"days_of({thing}, {begins}, {ends})"), "&&"), name=f"ex_{name}", using="gist"
    )
