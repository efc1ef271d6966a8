"""What is found by a word, as one statement over the indexes of all that bears a name."""

from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import distinct_on

from kit.context import Context
from kit.district.search_words import found_by
from kit.storage.named import is_found
from kit.web.ownership import Belonging
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


class Query(NamedTuple):
    """The rows that are found, and the columns that they are in the order of."""

    rows: Select[Any]
    order: tuple[Any, ...]


def found(context: Context, word: str, kind: Kind | None, street: str | None) -> Query:
    """What the caller finds by a word (`kit.district.search_words.sought`), each thing once, by what it is likeliest meant."""
    kinds: tuple[Kind, ...] = ("compound", "company") if kind is None else (kind,)
    hits = union_all(*(hit for each in kinds for hit in _hits(each, word)))
    hit = hits.subquery("hit")
    best = select(hit).ext(distinct_on(hit.c.kind, hit.c.id)).order_by(hit.c.kind, hit.c.id, hit.c.rank)
    one = best.subquery("found")
    rows = (
        select(
            *one.c,
            func.coalesce(Compound.name, Company.name).label("name"),
            STREET.name.label("street"),
            COMMUNITY.name.label("community"),
            Company.uscc,
        )
        .outerjoin(Compound, (one.c.kind == "compound") & (Compound.id == one.c.id))
        .outerjoin(COMMUNITY, COMMUNITY.id == Compound.community_id)
        .outerjoin(STREET, STREET.id == COMMUNITY.parent_id)
        .outerjoin(Company, (one.c.kind == "company") & (Company.id == one.c.id))
        .where(Compound.withdrawn_on.is_(None), Company.withdrawn_on.is_(None))
    )
    if street is not None:
        rows = rows.where(STREET.name == street)
    belonging = Belonging(division=STREET.name, company=Company.uscc)
    return Query(context.within(rows, belonging), (one.c.rank, one.c.id))


def _hits(kind: Kind, word: str) -> tuple[Select[Any], ...]:
    """What is found of a kind by its name, by an alias or address, and by the names that it had."""
    table, of_alias = _TABLES[kind]
    ranks = case(_RANKS, value=Alias.kind)
    aliases = _hit(kind, of_alias, Alias.kind, Alias.name, ranks).where(
        is_found(Alias.found_by, word), of_alias.is_not(None)
    )
    merged = func.coalesce(table.merged_into_id, table.id)
    former = (
        _hit(kind, merged, literal("former"), Correction.former_name, literal(_RANKS["former"]))
        .select_from(Correction)
        .join(table, table.id == Correction.subject_id)
        .where(is_found(Correction.found_by, word), Correction.kind == kind)
    )
    return _by_name(kind, word), aliases, former


def _by_name(kind: Kind, word: str) -> Select[Any]:
    """By its name: the same, one that begins so, one that has it anywhere or is read so."""
    table, _ = _TABLES[kind]
    rank = case((table.name_key == word, 0), (table.name_key.startswith(word, autoescape=True), 1), else_=2)
    named = _hit(kind, table.id, literal("name"), table.name, rank)
    return named.where(is_found(table.found_by, word), table.withdrawn_on.is_(None))


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
