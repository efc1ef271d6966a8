"""Names and places put right: compounds, communities and companies renamed, moved, merged and withdrawn, with a reason."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import Field
from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from kit.context import Context
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Conflict, FieldError, NotFound, problems
from services.property.base import Writer
from services.property.committees import Committee
from services.property.companies import Company, CompanyChanged
from services.property.compounds.models import Compound, Observation, RedProperty
from services.property.compounds.work import one_at_a_time, own_compound
from services.property.contracts import Contract
from services.property.corrections import (
    Action,
    Correction,
    CorrectionOut,
    Former,
    RenameIn,
    WithdrawIn,
    note,
)
from services.property.directory import CompoundId
from services.property.divisions import NO_SUCH_DIVISION, Division, DivisionId
from services.property.plan.filing import CENTRE
from services.property.surveys.observed import observed_of, tell_withdrawn

#: A company is all streets' together: the housing centre decides.
Decider = Annotated[Context, requires(CENTRE, whose=Whose.DISTRICTS)]
NO_SUCH_COMPANY = "没有这家物业服务企业。"


class CompoundCorrected(Event, type="property.compound.corrected", title="小区登记更正"):
    """A compound was renamed, moved, merged into another (whose surveys, contracts and committees are its own) or withdrawn."""

    compound: UUID = Field(description="小区登记编号")
    action: Action = Field(description="renamed 更名，moved 改属社区，merged 并入另一登记，withdrawn 撤回")
    former_name: str = Field(description="更正前的名称")
    name: str = Field(description="更正后的名称")
    community: UUID = Field(description="所属社区登记编号")
    into: UUID | None = Field(description="并入的小区登记编号；没有并入时为空")
    reason: str = Field(description="更正的理由")


class DivisionCorrected(Event, type="property.division.corrected", title="社区登记更正"):
    """A community was renamed, merged into another or withdrawn."""

    division: UUID = Field(description="社区登记编号")
    action: Action = Field(description="renamed 更名，merged 并入另一登记，withdrawn 撤回")
    former_name: str = Field(description="更正前的名称")
    name: str = Field(description="更正后的名称")
    into: UUID | None = Field(description="并入的社区登记编号；没有并入时为空")
    reason: str = Field(description="更正的理由")


class CompanyWithdrawn(Event, type="property.company.withdrawn", title="物业企业登记撤回"):
    """A company is none: its name was typed wrong, or it stands in the register under another entry."""

    company: UUID = Field(description="企业登记编号")
    name: str = Field(description="企业名称")
    into: UUID | None = Field(description="并入的企业登记编号；没有并入时为空")
    reason: str = Field(description="撤回的理由")


class CompoundRenameIn(
    RenameIn,
    title="小区更名或改属社区",
    example={"name": "和谐家园二期", "community_id": None, "reason": "划归新设社区"},
):
    """A compound's name and community put right, and why (小区更名、改属)."""

    community_id: UUID | None = Field(default=None, description="现在所在社区的编号；不填不变")


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
    compound = await own_compound(context, id)
    former = Former("compound", id, compound.name, compound.community_id)
    if body.community_id is not None:
        community = await _own_community(context, body.community_id)
        compound.community_id = community.id
    action: Action = "renamed" if compound.community_id == former.place else "moved"
    compound.name = body.name
    await _keep(context, "小区")
    event = CompoundCorrected(
        compound=id,
        action=action,
        former_name=former.name,
        name=compound.name,
        community=compound.community_id,
        into=None,
        reason=body.reason,
    )
    return await _noted(context, former, event)


@router.post(
    "/compounds/{id}/withdraw",
    summary="撤回或合并小区",
    description="误登的小区撤回；与另一小区实为同一个的，填写 into 并入，摸底、合同、业委会和红色物业随之并入。"
    "仍有摸底、合同等记录的不能直接撤回。",
    responses=problems(404, 409),
)
async def withdraw_compound(id: CompoundId, body: WithdrawIn, context: Writer) -> CorrectionOut:
    """Take a compound back that is none, or is another."""
    await one_at_a_time(context.session)
    compound = await own_compound(context, id)
    former = Former("compound", id, compound.name, compound.community_id)
    if body.into is not None:
        _refuse_itself(id, body.into)
        await own_compound(context, body.into)
        await _merge_compounds(context, id, body.into)
    elif await _is_used(context, _hanging(id)):
        raise _used("小区")
    compound.name_key, compound.withdrawn_on = None, context.today
    event = CompoundCorrected(
        compound=id,
        action="withdrawn" if body.into is None else "merged",
        former_name=former.name,
        name=former.name,
        community=compound.community_id,
        into=body.into,
        reason=body.reason,
    )
    return await _noted(context, former, event)


@router.post(
    "/divisions/{id}/rename",
    summary="社区更名",
    description="社区换了名称或录入有误的更正；以后的摸底再用原名时，提示核实。",
    responses=problems(404, 409),
)
async def rename_division(id: DivisionId, body: RenameIn, context: Writer) -> CorrectionOut:
    """Give a community its right name."""
    await one_at_a_time(context.session)
    community = await _own_community(context, id)
    former = Former("community", id, community.name, community.parent_id)
    community.name = body.name
    await _keep(context, "社区")
    event = DivisionCorrected(
        division=id, action="renamed", former_name=former.name, name=body.name, into=None, reason=body.reason
    )
    return await _noted(context, former, event)


@router.post(
    "/divisions/{id}/withdraw",
    summary="撤回或合并社区",
    description="误登的社区撤回；与另一社区实为同一个的，填写 into 并入，其小区随之改属。仍有小区的不能直接撤回。",
    responses=problems(404, 409),
)
async def withdraw_division(id: DivisionId, body: WithdrawIn, context: Writer) -> CorrectionOut:
    """Take a community back that is none, or is another."""
    await one_at_a_time(context.session)
    community = await _own_community(context, id)
    former = Former("community", id, community.name, community.parent_id)
    if body.into is not None:
        _refuse_itself(id, body.into)
        await _own_community(context, body.into)
        await _move_all(context, id, body)
    elif await _is_used(context, [(Compound.community_id == id) & Compound.withdrawn_on.is_(None)]):
        raise _used("社区")
    community.name_key, community.withdrawn_on = None, context.today
    event = DivisionCorrected(
        division=id,
        action="withdrawn" if body.into is None else "merged",
        former_name=former.name,
        name=former.name,
        into=body.into,
        reason=body.reason,
    )
    return await _noted(context, former, event)


@router.post(
    "/companies/{id}/withdraw",
    summary="撤回或合并物业服务企业",
    description="误登的企业撤回；与另一企业实为同一家的，填写 into 并入，摸底和合同随之改为该企业。"
    "各街道共用企业名录，由区住房保障综合服务中心决定；撤回后不再纳入信用评价。",
    responses=problems(404, 409),
)
async def withdraw_company(id: CompanyId, body: WithdrawIn, context: Decider) -> CorrectionOut:
    """Take a company back that is none, or is another; credit hears of it."""
    await one_at_a_time(context.session)
    company = await _standing_company(context, id)
    former = Former("company", id, company.name)
    code, company.uscc = company.uscc, None
    company.name_key, company.withdrawn_on = None, context.today
    company.changed_at = context.now
    if body.into is not None:
        _refuse_itself(id, body.into)
        await _merge_companies(context, company, await _standing_company(context, body.into), code)
    elif await _is_used(context, [Observation.company_id == id, Contract.company_id == id]):
        raise _used("企业")
    event = CompanyWithdrawn(company=id, name=former.name, into=body.into, reason=body.reason)
    return await _noted(context, former, event, "withdrawn" if body.into is None else "merged")


async def _noted(context: Context, former: Former, event: Any, action: Action | None = None) -> CorrectionOut:
    """Keep the correction and tell of it."""
    note(context, former, action or event.action, event.reason, event.into)
    await context.session.flush()
    context.record(event, str(former.id))
    last = (
        select(Correction).where(Correction.subject_id == former.id).order_by(Correction.id.desc()).limit(1)
    )
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


def _hanging(id: UUID) -> list[ColumnElement[bool]]:
    return [table.compound_id == id for table in (Observation, Committee, Contract, RedProperty)]


async def _is_used(context: Context, conditions: list[ColumnElement[bool]]) -> bool:
    for condition in conditions:
        if await context.session.scalar(select(exists().where(condition))):
            return True
    return False


def _used(noun: str) -> Conflict:
    return Conflict(
        "still-in-use", f"这个{noun}仍有摸底、合同或其他记录。请填写 into 并入另一登记，或先撤回有关摸底。"
    )


async def _merge_compounds(context: Context, id: UUID, into: UUID) -> None:
    """Give another compound all that hangs on this one; of days that both were surveyed on, the other's stands.

    Raises: Conflict where both have a committee in office, or are red property.
    """
    for table, running, noun in (
        (Committee, "dissolved_on", "在任的业委会（物管会）"),
        (RedProperty, "withdrawn_on", "红色物业认定"),
    ):
        both = select(table.compound_id).where(
            table.compound_id.in_((id, into)), getattr(table, running).is_(None)
        )
        if len((await context.session.scalars(both)).all()) == 2:
            raise Conflict("both-have", f"两个小区都有{noun}，请先结束其中一个。")
    other = aliased(Observation)
    doubled = exists().where(other.compound_id == into, other.as_of == Observation.as_of)
    gone = await observed_of(context.session, (Observation.compound_id == id) & doubled)
    tell_withdrawn(context, gone)
    own = Observation.compound_id == id
    await context.session.execute(
        delete(Observation).where(own, Observation.as_of.in_({each.as_of for each in gone}))
    )
    for hanging in (Observation, Committee, Contract, RedProperty):
        moving = update(hanging).where(hanging.compound_id == id).values(compound_id=into)
        await context.session.execute(moving.execution_options(synchronize_session=False))


async def _move_all(context: Context, id: UUID, body: WithdrawIn) -> None:
    """Move a community's compounds to another.

    Raises: Conflict naming those that stand in both.
    """
    standing = select(Compound).where(Compound.community_id == id, Compound.withdrawn_on.is_(None))
    there = select(Compound.name_key).where(Compound.community_id == body.into)
    both = (await context.session.scalars(standing.where(Compound.name_key.in_(there)))).all()
    if both:
        raise Conflict(
            "name-taken",
            "两个社区有同名的小区，请先逐个合并。",
            errors=[FieldError(pointer="/into", reason=each.name) for each in both],
        )
    for compound in (await context.session.scalars(standing.with_for_update())).all():
        former = Former("compound", compound.id, compound.name, id)
        compound.community_id = body.into  # type: ignore[assignment]
        event = CompoundCorrected(
            compound=compound.id,
            action="moved",
            former_name=compound.name,
            name=compound.name,
            community=compound.community_id,
            into=None,
            reason=body.reason,
        )
        note(context, former, "moved", body.reason)
        context.record(event, str(compound.id))


async def _merge_companies(context: Context, company: Company, into: Company, code: str | None) -> None:
    """Give another company all that hangs on this one, and its code where the other has none."""
    await context.session.flush()
    for table in (Observation, Contract):
        moving = update(table).where(table.company_id == company.id).values(company_id=into.id)
        await context.session.execute(moving.execution_options(synchronize_session=False))
    if code is not None and into.uscc is None:
        into.uscc, into.changed_at = code, context.now
        await context.session.flush()
        context.record(CompanyChanged(company=into.id, name=into.name, uscc=code), str(into.id))
