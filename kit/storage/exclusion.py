"""Periods of one thing that never overlap, kept by the database itself, without any extension.

An exclusion constraint over a thing and its days needs btree_gist, which the PostgreSQL that comes as a wheel does not
have. Ranges of numbers have their index in its core, so `days_of(id, begins, ends)` gives every thing a stretch of
numbers of its own, one for each day: two rows overlap there when they are of the same thing and share a day.
"""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

#: The number of a thing: that of its id. Functions of an index call no others, since it is kept without a search path.
_OWN = """  FROM (SELECT
    ('x' || substr(hex, 1, 8))::bit(32)::bigint::numeric * 79228162514264337593543950336
    + ('x' || substr(hex, 9, 8))::bit(32)::bigint::numeric * 18446744073709551616
    + ('x' || substr(hex, 17, 8))::bit(32)::bigint::numeric * 4294967296
    + ('x' || substr(hex, 25, 8))::bit(32)::bigint::numeric AS own
    FROM (SELECT replace(thing::text, '-', '') AS hex) AS as_hex
  ) AS as_number"""
#: What a migration creates before the first table that uses it. A period without an end never ends; both days are of it.
DAYS_OF = f"""
CREATE OR REPLACE FUNCTION days_of(thing uuid, begins date, ends date) RETURNS numrange
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT numrange(
    own * 10000000 + (begins - date '0001-01-01'),
    own * 10000000 + coalesce(ends - date '0001-01-01' + 1, 9999999)
  )
{_OWN}
$$
"""


#: The same of moments, to the microsecond: the end is no part of a period, so that another may begin with it.
MOMENTS_OF = f"""
CREATE OR REPLACE FUNCTION moments_of(thing uuid, begins timestamptz, ends timestamptz) RETURNS numrange
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT numrange(
    own * 1000000000000000000 + extract(epoch FROM begins - timestamptz '0001-01-01 00:00:00+00') * 1000000,
    own * 1000000000000000000 + coalesce(
      extract(epoch FROM ends - timestamptz '0001-01-01 00:00:00+00') * 1000000, 999999999999999999
    )
  )
{_OWN}
$$
"""  # noqa: S608 - a function, made of constants


def one_at_a_time(
    name: str, thing: str, begins: str = "begins_on", ends: str = "ends_on"
) -> ExcludeConstraint:
    """A table's constraint that no two rows of one thing (a column of ids) have a day in common."""
    return ExcludeConstraint(
        (text(f"days_of({thing}, {begins}, {ends})"), "&&"), name=f"ex_{name}", using="gist"
    )


def one_moment_at_a_time(
    name: str, thing: str, begins: str = "begins_at", ends: str = "ends_at", *, where: str
) -> ExcludeConstraint:
    """A table's constraint that no two rows of one thing that count (`where`) have a moment in common."""
    return ExcludeConstraint(
        (text(f"moments_of({thing}, {begins}, {ends})"), "&&"),
        name=f"ex_{name}",
        using="gist",
        where=text(where),
    )


def as_id(column: str) -> str:
    """A column of texts as one of ids, which periods are kept by."""
    return f"md5({column})::uuid"
