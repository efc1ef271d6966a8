"""How what the platform has stated and what we hold differ: a hash by street for the platform, a list by field for people."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, Numeric, Select, Text, and_, case, cast, func, literal, null, or_, select, true
from sqlalchemy.dialects.postgresql import BIT, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.property.companies import Company
from services.property.compounds.models import Compound, Observation
from services.property.contracts.models import Contract
from services.property.divisions import COMMUNITY, STREET
from services.property.plan.owning import OWNED
from services.property.projects.api import Project
from services.property.sync.models import SyncRow
from services.property.sync.rows import Kind

#: How the hash is made, in the words of the document, so that the platform can make it itself.
DIGEST: Final = (
    "每个街道（镇）的行数和一个摘要，供平台自行计算后比对，找出不同的街道而不必全部重传。算法：对每一未删除的行，"
    "取文本 key、制表符（U+0009）、source_version 十进制数字，按 UTF-8 算 MD5，取十六进制前 15 位作为整数；"
    "同一街道各行的整数相加，除以 2 的 60 次方取余数，写成 15 位小写十六进制。与行的顺序无关。"
    "企业不分街道，street 为空；合同的街道为其小区首次同步时所在的街道。"
)
_WRAP: Final = 2**60


async def digests(session: AsyncSession, kind: Kind) -> Sequence[Any]:
    """Rows and their hash by street, as `DIGEST` says."""
    said = SyncRow.key + "\t" + cast(SyncRow.source_version, Text)
    # A bit string of hexadecimal digits is PostgreSQL's way from these to a number.
    number = cast(cast("x" + func.left(func.md5(said), 15), BIT(60)), SyncRow.source_version.type)
    total = func.mod(func.sum(cast(number, Numeric)), _WRAP)
    hash = func.lpad(func.to_hex(cast(total, SyncRow.source_version.type)), 15, "0")
    query = (
        select(SyncRow.street, func.count().label("rows"), hash.label("hash"))
        .where(SyncRow.kind == kind, SyncRow.deleted.is_(False))
        .group_by(SyncRow.street)
        .order_by(SyncRow.street)
    )
    return (await session.execute(query)).all()


def differing(kind: Kind, street: str | None) -> tuple[Select[Any], InstrumentedAttribute[Any]]:
    """The rows of a kind that we hold otherwise, each with its fields that differ, and their order.

    A field that the platform leaves empty says nothing; people's values that were replaced stay listed.
    """
    model, column = _ENTRIES[kind]
    entry = func.coalesce(column, SyncRow.left_id)
    held = _OURS[kind].where(model.id == entry).lateral("held")
    each = (
        func.jsonb_each(held.c.ours).table_valued(Column("key", Text), Column("value", JSONB)).lateral("each")
    )
    theirs, before = SyncRow.fields[each.c.key], SyncRow.replaced[each.c.key]
    differs = and_(theirs.is_not(None), func.jsonb_typeof(theirs) != "null", theirs != each.c.value)
    owner = case({owned.field: owned.owner.code for owned in OWNED[kind]}, value=each.c.key)
    facts = {
        "field": each.c.key,
        "owner": owner,
        "ours": each.c.value,
        "platform": theirs,
        "replaced": before,
    }
    listed = func.jsonb_build_object(
        *(part for name, value in facts.items() for part in (literal(name), value))
    )
    fields = (
        select(func.jsonb_agg(listed).label("fields"))
        .select_from(each)
        .where(or_(differs, SyncRow.replaced.has_key(each.c.key)))
        .lateral("differing")
    )
    gone = func.jsonb_build_array(_still_there(kind))
    query = (
        select(
            SyncRow.key,
            entry.label("entry"),
            SyncRow.street,
            case((SyncRow.deleted, gone), else_=fields.c.fields).label("fields"),
        )
        .join(held, true())
        .join(fields, true())
        .where(SyncRow.kind == kind, or_(SyncRow.deleted & held.c.stands, fields.c.fields.is_not(None)))
    )
    return (query if street is None else query.where(SyncRow.street == street)), SyncRow.key


def _still_there(kind: Kind) -> Any:
    """What is said of an entry that stands here, and that the platform has deleted."""
    [owner] = (owned.owner.code for owned in OWNED[kind] if owned.field == "deleted")
    facts = {"field": "deleted", "owner": owner, "ours": False, "platform": True, "replaced": None}
    return func.jsonb_build_object(
        *(
            part
            for name, value in facts.items()
            for part in (literal(name), null() if value is None else value)
        )
    )


def _observed(column: Any) -> Any:
    """What the newest survey says of a compound."""
    newest = select(column).where(Observation.compound_id == Compound.id).order_by(Observation.as_of.desc())
    return newest.limit(1).scalar_subquery()


def _ours(stands: Any, **fields: Any) -> Select[Any]:
    """What we hold of an entry, as the platform's fields are called, and whether it stands in the register."""
    pairs = (part for name, value in fields.items() for part in (literal(name), value))
    return select(func.jsonb_build_object(*pairs).label("ours"), stands.label("stands"))


_ENTRIES: Final[dict[Kind, tuple[Any, Any]]] = {
    "companies": (Company, SyncRow.company_id),
    "projects": (Project, SyncRow.project_id),
    "compounds": (Compound, SyncRow.compound_id),
    "contracts": (Contract, SyncRow.contract_id),
}
_OURS: Final[dict[Kind, Select[Any]]] = {
    "companies": _ours(Company.withdrawn_on.is_(None), name=Company.name, uscc=Company.uscc),
    "projects": _ours(
        Project.id.is_not(None),
        name=Project.name,
        kind=Project.kind,
        street=Project.street,
        begins_on=Project.begins_on,
        ends_on=Project.ends_on,
    ),
    "compounds": _ours(
        Compound.withdrawn_on.is_(None),
        street=STREET.name,
        community=COMMUNITY.name,
        name=Compound.name,
        households=_observed(Observation.households),
        area=cast(_observed(Observation.area), Text),
    )
    .select_from(Compound)
    .join(COMMUNITY, COMMUNITY.id == Compound.community_id)
    .join(STREET, STREET.id == COMMUNITY.parent_id),
    "contracts": _ours(
        Contract.id.is_not(None),
        signed_on=Contract.signed_on,
        starts_on=Contract.starts_on,
        ends_on=Contract.ends_on,
    ),
}
