"""Names and places put right: compounds, communities and companies renamed, moved, merged and withdrawn, with a reason."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, NotFound, problems
from kit.web.shapes import Answer, Body
from services.property import merging
from services.property.base import DistrictReader, Writer
from services.property.companies import Company, CompanyRegistered
from services.property.compounds.models import Compound
from services.property.compounds.work import BELONGING, NO_SUCH_COMPOUND, one_at_a_time, own_compound
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
    Reason,
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
    from being withdrawn; merge: gives what hangs on one to another; told: what others hear.
    """

    of: Of
    noun: str
    place: str | None
    held: Callable[[Context, UUID], Awaitable[Any]]
    hanging: Callable[[UUID], list[ColumnElement[bool]]]
    merge: Callable[[Context, Any, Any, Correction], Awaitable[None]]
    told: Callable[[Any, Corrected], Event]

    def former(self, row: Any) -> Former:
        """What it is called and where it lies now."""
        return Former(self.of, row.id, row.name, getattr(row, self.place) if self.place else None)


class RestoreIn(Body, title="撤销合并", example={"reason": "两处是不同的小区"}):
    """Why a merge is taken back (撤销合并)."""

    reason: Reason


class MergedRowOut(Answer, title="合并时的记录"):
    """A record that was moved or kept when two were merged (合并时的记录)."""

    id: UUID = Field(description="编号")
    of_table: str = Field(description="记录的种类", examples=["observations"])
    row_key: dict[str, Any] = Field(
        description="记录的主键",
        examples=[{"as_of": "2024-06-20", "compound_id": "0190163d-8694-739b-aea5-966c26f8ad91"}],
    )
    kept: bool = Field(description="是否保留在原登记下")


router = routes.router("名称更正")
CorrectionId = Annotated[UUID, Path(description="更正编号")]
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
    "/compounds/{id}/restore",
    summary="撤销小区的合并",
    description="把误并的小区恢复为单独的小区：并入时转去的摸底、合同、业委会等，仍在的都转回；以后登记在所并入小区的不动。",
    responses=problems(404, 409),
)
async def restore_compound(id: CompoundId, body: RestoreIn, context: Writer) -> CorrectionOut:
    """Take the merge of a compound back."""
    await one_at_a_time(context.session)
    await context.must_hold(BELONGING, Compound.id == id, NO_SUCH_COMPOUND)
    row = await _withdrawn(context, Compound, id, NO_SUCH_COMPOUND)
    if row.merged_into_id is not None:
        await context.must_hold(BELONGING, Compound.id == row.merged_into_id)
    return await _restore(context, COMPOUND, row, body)


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


@router.post(
    "/companies/{id}/restore",
    summary="撤销物业服务企业的合并",
    description="把误并的企业恢复为单独的企业：并入时转去的摸底、合同等，仍在的都转回，统一社会信用代码也还给它。",
    responses=problems(404, 409),
)
async def restore_company(id: CompanyId, body: RestoreIn, context: Decider) -> CorrectionOut:
    """Take the merge of a company back; credit hears of it."""
    await one_at_a_time(context.session)
    return await _restore(context, COMPANY, await _withdrawn(context, Company, id, NO_SUCH_COMPANY), body)


@router.get(
    "/corrections/{id}/rows",
    summary="列出合并时转移和保留的记录",
    description="一次合并转给所并入登记的记录；两者不能都有的（如同一天的摸底）保留在原登记下，kept 为 true，没有删除。",
    responses=problems(404),
)
async def list_merged_rows(
    id: CorrectionId,
    context: DistrictReader,
    paging: PageRequest,
    kept: Annotated[bool | None, Query(description="只列保留的，或只列转移的")] = None,
) -> Page[MergedRowOut]:
    """What a merge moved, and what it kept where it was."""
    await db.found(context.session, Correction, id, "没有这条更正记录。")
    query = select(merging.MergedRow).where(merging.MergedRow.correction_id == id)
    if kept is not None:
        query = query.where(merging.MergedRow.kept == kept)
    return await paging.page(context.session, query, MergedRowOut.of, merging.MergedRow.id)


async def _withdrawn(context: Context, model: type[Any], id: UUID, missing: str) -> Any:
    """A row, locked, also one that was merged into another.

    Raises: NotFound.
    """
    row = await context.session.get(model, id, with_for_update=True)
    if row is None:
        raise NotFound("not-found", missing)
    return row


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
    done = Corrected(former, action, body.reason)
    return await _told(context, kind, row, done, note(context, done))


async def _withdraw(context: Context, kind: _Kind, id: UUID, body: WithdrawIn) -> CorrectionOut:
    """Take something back that is none, or give what hangs on it to what it is in truth.

    Raises: Conflict where it is to be merged into itself, or has something hanging on it.
    """
    await one_at_a_time(context.session)
    row = await kind.held(context, id)
    done = Corrected(kind.former(row), "withdrawn" if body.into is None else "merged", body.reason, body.into)
    correction = note(context, done)
    if body.into is not None:
        _refuse_itself(id, body.into)
        await kind.merge(context, row, await kind.held(context, body.into), correction)
    elif await _is_used(context, kind.hanging(id)):
        raise _used(kind.noun)
    row.name_key, row.withdrawn_on = None, context.today
    if isinstance(row, Company):
        row.uscc, row.changed_at = None, context.now
    return await _told(context, kind, row, done, correction)


async def _restore(context: Context, kind: _Kind, row: Any, body: RestoreIn) -> CorrectionOut:
    """Take the last merge of something back.

    Raises: Conflict where it was never merged, or what it had is taken by now.
    """
    if row.merged_into_id is None:
        raise Conflict("not-merged", f"这个{kind.noun}没有并入其他登记，不需撤销。")
    merges = select(Correction).where(Correction.subject_id == row.id, Correction.action == "merged")
    merge = (await context.session.scalars(merges.order_by(Correction.id.desc()).limit(1))).one()
    await merging.take_apart(context, type(row), row, merge)
    if isinstance(row, Company):
        row.changed_at = context.now
    done = Corrected(kind.former(row), "restored", body.reason, undoes=merge.id)
    return await _told(context, kind, row, done, note(context, done))


async def _told(
    context: Context, kind: _Kind, row: Any, done: Corrected, correction: Correction
) -> CorrectionOut:
    """Tell of a correction that is kept."""
    await context.session.flush()
    context.record(kind.told(row, done), str(row.id))
    return CorrectionOut.of(correction)


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


def _company_told(company: Company, done: Corrected) -> Event:
    """What others hear of a company: gone, or there again."""
    if done.action == "restored":
        return CompanyRegistered(company=company.id, name=company.name, uscc=company.uscc)
    return CompanyWithdrawn.of(company, done)


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
    hanging=lambda id: [
        (Compound.community_id == id) & Compound.withdrawn_on.is_(None),
        *(column == id for column in merging.hanging_on(Division) if column.table is not Compound.__table__),
    ],
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
    told=_company_told,
)
