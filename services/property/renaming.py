"""Names and places put right: compounds, communities and companies renamed, moved, merged and withdrawn, with a reason."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, FieldError, NotFound, problems
from services.property import merging
from services.property.base import Writer
from services.property.companies import Company
from services.property.compounds.models import Compound
from services.property.compounds.work import one_at_a_time, own_compound
from services.property.corrections import (
    Action,
    CompanyWithdrawn,
    CompoundCorrected,
    Corrected,
    Correction,
    CorrectionOut,
    DivisionCorrected,
    Former,
    Of,
    RenameIn,
    WithdrawIn,
    note,
)
from services.property.directory import CompoundId
from services.property.divisions import NO_SUCH_DIVISION, Division, DivisionId
from services.property.plan.roles import CENTRE

#: A company is all streets' together: the housing centre decides.
Decider = Annotated[Context, requires(CENTRE, whose=Whose.DISTRICTS)]
NO_SUCH_COMPANY = "没有这家物业服务企业。"


class CompoundRenameIn(
    RenameIn,
    title="小区更名或改属社区",
    example={"name": "和谐家园二期", "community_id": None, "reason": "划归新设社区"},
):
    """A compound's name and community put right, and why (小区更名、改属)."""

    community_id: UUID | None = Field(default=None, description="现在所在社区的编号；不填不变")


@dataclass(frozen=True)
class _Kind:
    """What is corrected: compounds, communities and companies alike.

    place: the column of where one lies; held: one that stands, locked, for who may correct it; hanging: what keeps it
    from being withdrawn; merge: gives what hangs on one to another, with the reason; told: what others hear.
    """

    of: Of
    noun: str
    place: str | None
    held: Callable[[Context, UUID], Awaitable[Any]]
    hanging: Callable[[UUID], list[ColumnElement[bool]]]
    merge: Callable[[Context, Any, Any, str], Awaitable[None]]
    told: Callable[[Any, Corrected], Event]

    def former(self, row: Any) -> Former:
        """What it is called and where it lies now."""
        return Former(self.of, row.id, row.name, getattr(row, self.place) if self.place else None)


router = routes.router("名称更正")
CompanyId = Annotated[UUID, Path(description="物业服务企业编号")]


@router.post(
    "/compounds/{id}/rename",
    summary="小区更名或改属社区",
    description="小区换了名称、录入有误或划归其他社区的更正。业委会、红色物业和已备案的合同随之；"
    "以后的摸底再用原名时，提示核实。",
    responses=problems(404, 409),
)
async def rename_compound(id: CompoundId, body: CompoundRenameIn, context: Writer) -> CorrectionOut:
    """Give a compound its right name and community."""
    await one_at_a_time(context.session)
    new = None if body.community_id is None else await _own_community(context, body.community_id)
    return await _rename(context, COMPOUND, id, body, new)


@router.post(
    "/compounds/{id}/withdraw",
    summary="撤回或合并小区",
    description="误登的小区撤回；与另一小区实为同一个的，填写 into 并入，摸底、合同、业委会和红色物业随之并入。"
    "仍有摸底、合同等记录的不能直接撤回。",
    responses=problems(404, 409),
)
async def withdraw_compound(id: CompoundId, body: WithdrawIn, context: Writer) -> CorrectionOut:
    """Take a compound back that is none, or is another."""
    return await _withdraw(context, COMPOUND, id, body)


@router.post(
    "/divisions/{id}/rename",
    summary="社区更名",
    description="社区换了名称或录入有误的更正；以后的摸底再用原名时，提示核实。",
    responses=problems(404, 409),
)
async def rename_division(id: DivisionId, body: RenameIn, context: Writer) -> CorrectionOut:
    """Give a community its right name."""
    return await _rename(context, COMMUNITY, id, body)


@router.post(
    "/divisions/{id}/withdraw",
    summary="撤回或合并社区",
    description="误登的社区撤回；与另一社区实为同一个的，填写 into 并入，其小区随之改属。仍有小区的不能直接撤回。",
    responses=problems(404, 409),
)
async def withdraw_division(id: DivisionId, body: WithdrawIn, context: Writer) -> CorrectionOut:
    """Take a community back that is none, or is another."""
    return await _withdraw(context, COMMUNITY, id, body)


@router.post(
    "/companies/{id}/withdraw",
    summary="撤回或合并物业服务企业",
    description="误登的企业撤回；与另一企业实为同一家的，填写 into 并入，摸底和合同随之改为该企业。"
    "各街道共用企业名录，由区住房保障综合服务中心决定；撤回后不再纳入信用评价。",
    responses=problems(404, 409),
)
async def withdraw_company(id: CompanyId, body: WithdrawIn, context: Decider) -> CorrectionOut:
    """Take a company back that is none, or is another; credit hears of it."""
    return await _withdraw(context, COMPANY, id, body)


async def _rename(
    context: Context, kind: _Kind, id: UUID, body: RenameIn, community: Division | None = None
) -> CorrectionOut:
    """Give something its right name, a compound also its right community."""
    await one_at_a_time(context.session)
    row = await kind.held(context, id)
    former = kind.former(row)
    if community is not None:
        row.community_id = community.id
    row.name = body.name
    await _keep(context, kind.noun)
    action: Action = "renamed" if kind.former(row).place == former.place else "moved"
    return await _noted(context, kind, row, Corrected(former, action, body.reason))


async def _withdraw(context: Context, kind: _Kind, id: UUID, body: WithdrawIn) -> CorrectionOut:
    """Take something back that is none, or give what hangs on it to what it is in truth.

    Raises: Conflict where it is to be merged into itself, or has something hanging on it.
    """
    await one_at_a_time(context.session)
    row = await kind.held(context, id)
    done = Corrected(kind.former(row), "withdrawn" if body.into is None else "merged", body.reason, body.into)
    if body.into is not None:
        _refuse_itself(id, body.into)
        await kind.merge(context, row, await kind.held(context, body.into), body.reason)
    elif await _is_used(context, kind.hanging(id)):
        raise _used(kind.noun)
    row.name_key, row.withdrawn_on = None, context.today
    if isinstance(row, Company):
        row.uscc, row.changed_at = None, context.now
    return await _noted(context, kind, row, done)


async def _noted(context: Context, kind: _Kind, row: Any, done: Corrected) -> CorrectionOut:
    """Keep the correction and tell of it."""
    note(context, done.former, done.action, done.reason, done.into)
    await context.session.flush()
    context.record(kind.told(row, done), str(row.id))
    last = select(Correction).where(Correction.subject_id == row.id).order_by(Correction.id.desc()).limit(1)
    return CorrectionOut.of((await context.session.scalars(last)).one())


async def _own_community(context: Context, id: UUID) -> Division:
    """A community of the caller's street, locked.

    Raises: NotFound; Forbidden; Conflict for the district and its streets, whose names are set.
    """
    division = await db.locked(context.session, Division, id, NO_SUCH_DIVISION)
    if division.kind != "community":
        context.must_cover(None)
        raise Conflict("not-a-community", "只有社区可以更正；区和街道（镇）的名称是定下的。")
    context.must_cover(
        await context.session.scalar(select(Division.name).where(Division.id == division.parent_id))
    )
    if division.withdrawn_on is not None:
        raise NotFound("not-found", NO_SUCH_DIVISION)
    return division


async def _standing_company(context: Context, id: UUID) -> Company:
    company = await db.locked(context.session, Company, id, NO_SUCH_COMPANY)
    if company.withdrawn_on is not None:
        raise NotFound("not-found", NO_SUCH_COMPANY)
    return company


async def _keep(context: Context, noun: str) -> None:
    """Write a name; the key of names decides."""
    try:
        await context.session.flush()
    except IntegrityError:
        raise Conflict(
            "name-taken",
            f"已有同名的{noun}。确为同一个的，请用 withdraw 把其中一个并入另一个。",
            errors=[FieldError(pointer="/name", reason="与已登记的相同")],
        ) from None


def _refuse_itself(id: UUID, into: UUID) -> None:
    if id == into:
        raise Conflict(
            "into-itself",
            "不能并入自己，请核对编号。",
            errors=[FieldError(pointer="/into", reason="是它自己")],
        )


async def _is_used(context: Context, conditions: list[ColumnElement[bool]]) -> bool:
    for condition in conditions:
        if await context.session.scalar(select(exists().where(condition))):
            return True
    return False


def _used(noun: str) -> Conflict:
    return Conflict(
        "still-in-use", f"这个{noun}仍有摸底、合同或其他记录。请填写 into 并入另一登记，或先撤回有关摸底。"
    )


COMPOUND: Final = _Kind(
    "compound",
    "小区",
    place="community_id",
    held=own_compound,
    hanging=lambda id: [column == id for column in merging.hanging_on(Compound)],
    merge=merging.merge_compounds,
    told=CompoundCorrected.of,
)
COMMUNITY: Final = _Kind(
    "community",
    "社区",
    place="parent_id",
    held=_own_community,
    hanging=lambda id: [(Compound.community_id == id) & Compound.withdrawn_on.is_(None)],
    merge=merging.merge_communities,
    told=DivisionCorrected.of,
)
COMPANY: Final = _Kind(
    "company",
    "企业",
    place=None,
    held=_standing_company,
    hanging=lambda id: [column == id for column in merging.hanging_on(Company)],
    merge=merging.merge_companies,
    told=CompanyWithdrawn.of,
)
