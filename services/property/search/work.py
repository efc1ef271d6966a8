"""What is found by a word, as one statement over the indexes of all that bears a name."""

from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from kit.context import Context
from kit.district.search_words import found_by
from kit.storage.named import is_found
from kit.web.caller import Caller
from kit.web.ownership import Belonging
from kit.web.pages import Prepared
from services.property.companies import Company
from services.property.compounds.models import Compound
from services.property.corrections import Correction
from services.property.divisions import COMMUNITY, STREET
from services.property.search.aliases import Alias

Kind = Literal["compound", "company"]
By = Literal["name", "alias", "former", "address"]
#: The table of each kind, and the column by which an alias is its.
_TABLES: dict[Kind, tuple[type[Any], Any]] = {
    "compound": (Compound, Alias.compound_id),
    "company": (Company, Alias.company_id),
}
#: How likely it is what was meant, from 0, by what it was found.
_RANKS = {"alias": 3, "former": 4, "address": 5}
#: Names that are given their words by one statement.
_AT_ONCE = 5_000


#: What was typed (`kit.district.search_words.sought`), as the statements have it.
WORD = bindparam("word", type_=Text)


def found(context: Context, kind: Kind | None, street: str | None) -> Prepared:
    """What the caller finds by a `word`, each thing once, by what it is likeliest meant."""
    return _found(kind, street, context.limits())


@lru_cache(maxsize=256)
def _found(kind: Kind | None, street: str | None, limits: Caller) -> Prepared:
    things = [_things(each) for each in (_TABLES if kind is None else (kind,))]
    thing = (union_all(*things) if kind is None else things[0]).subquery("thing")
    rows = select(thing)
    if street is not None:
        rows = rows.where(thing.c.street == street)
    rows = Belonging(division=thing.c.street, company=thing.c.uscc).narrow(limits, rows)
    return Prepared(rows, thing.c.rank, thing.c.id)


def _things(kind: Kind) -> Select[Any]:
    """All of a kind that are found, with what is shown of them."""
    hit = union_all(*_hits(kind)).subquery(f"hit_{kind}")
    best = select(hit).ext(distinct_on(hit.c.id)).order_by(hit.c.id, hit.c.rank).subquery(f"best_{kind}")
    if kind == "company":
        none = [cast(null(), Text).label(name) for name in ("street", "community")]
        shown = select(*best.c, Company.name, *none, Company.uscc)
        return shown.join_from(best, Company, Company.id == best.c.id).where(Company.withdrawn_on.is_(None))
    lies = [STREET.name.label("street"), COMMUNITY.name.label("community")]
    return (
        select(*best.c, Compound.name, *lies, cast(null(), Text).label("uscc"))
        .join_from(best, Compound, Compound.id == best.c.id)
        .join(COMMUNITY, COMMUNITY.id == Compound.community_id)
        .join(STREET, STREET.id == COMMUNITY.parent_id)
        .where(Compound.withdrawn_on.is_(None))
    )


def _hits(kind: Kind) -> tuple[Select[Any], ...]:
    """What is found of a kind by its name, by an alias or address, and by the names that it had."""
    table, of_alias = _TABLES[kind]
    ranks = case(_RANKS, value=Alias.kind)
    aliases = _hit(kind, of_alias, Alias.kind, Alias.name, ranks).where(
        is_found(Alias.found_by, WORD), of_alias.is_not(None)
    )
    merged = func.coalesce(table.merged_into_id, table.id)
    former = (
        _hit(kind, merged, literal("former"), Correction.former_name, literal(_RANKS["former"]))
        .select_from(Correction)
        .join(table, table.id == Correction.subject_id)
        .where(is_found(Correction.found_by, WORD), Correction.kind == kind)
    )
    return _by_name(kind), aliases, former


def _by_name(kind: Kind) -> Select[Any]:
    """By its name: the same, one that begins so, one that has it anywhere or is read so."""
    table, _ = _TABLES[kind]
    rank = case((table.name_key == WORD, 0), (func.starts_with(table.name_key, WORD), 1), else_=2)
    named = _hit(kind, table.id, literal("name"), table.name, rank)
    return named.where(is_found(table.found_by, WORD), table.withdrawn_on.is_(None))


def _hit(kind: Kind, id: Any, by: Any, matched: Any, rank: ColumnElement[int]) -> Select[Any]:
    columns = {"kind": literal(kind), "id": id, "by": by, "matched": matched, "rank": rank}
    return select(*(column.label(name) for name, column in columns.items()))


async def load_words(context: Context) -> None:
    """Give names that were entered before things were found by them their words; again changes nothing."""
    for table, name in (
        (Compound, Compound.name),
        (Company, Company.name),
        (Correction, Correction.former_name),
    ):
        found_none = select(table.id, name).where(table.found_by == []).limit(_AT_ONCE)
        while rows := (await context.session.execute(found_none)).all():
            given = [{"row": id, "words": found_by(text)} for id, text in rows]
            giving = update(table).where(table.id == bindparam("row")).values(found_by=bindparam("words"))
            await (await context.session.connection()).execute(giving, given)
