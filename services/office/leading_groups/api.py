"""Leading groups: loaded from the documents, entered and changed by the government office (P-4.1)."""

from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import fastapi
from fastapi import Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from kit.context import Context
from kit.district.named_units import UnitId, named
from kit.district.reference import read
from kit.events.event import Event
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import Conflict, FieldError, Invalid, problems
from kit.web.routes import clauses
from services.office.leading_groups.models import GroupMember, GroupRole, LeadingGroup
from services.office.leading_groups.shapes import GroupIn, GroupMemberIn, GroupMemberOut, GroupOut
from services.office.plan.roles import MANAGER

DATA: Final = Path(__file__).parents[1] / "plan" / "data" / "groups"
MISSING: Final = "没有这个领导小组，请核对编号。"
Reader = Annotated[Context, requires("office:read", whose=Whose.EVERYBODYS)]
Manager = Annotated[Context, requires("office:write", one_of=(MANAGER,), whose=Whose.DISTRICTS)]
GroupId = Annotated[UUID, fastapi.Path(description="领导小组编号")]


class LeadingGroupChanged(Event, type="office.leading-group.changed", title="领导小组变更"):
    """A leading group was entered or changed: posts that came, that went, and that somebody else holds now."""

    title: str = Field(description="名称")
    added: list[str] = Field(description="新增的职务")
    removed: list[str] = Field(description="不再列入的职务")
    replaced: list[str] = Field(description="换了人的职务")


async def load_groups(context: Context) -> None:
    """Bring in the documents' groups; one that is there stays as the government office keeps it."""
    known = set(await context.session.scalars(select(LeadingGroup.title)))
    for path in sorted(DATA.glob("*.yaml")):
        group = GroupIn.of(read(path))
        if group.title not in known:
            row = LeadingGroup(id=db.new_id(), entered_at=context.now, members=[])
            _fill(context, row, group)
            context.session.add(row)
    await context.session.flush()


def _fill(context: Context, row: LeadingGroup, body: GroupIn) -> LeadingGroupChanged:
    """Make a group what is entered; a post that it has already stays the same, whoever holds it now."""
    _must_hold_together(body.members)
    for name, value in body.model_dump(exclude={"members"}).items():
        setattr(row, name, value)
    row.changed_at = context.now
    standing = {each.post: each for each in row.members}
    replaced = []
    members = []
    for position, told in enumerate(body.members, 1):
        member = standing.get(told.post) or GroupMember(id=db.new_id(), post=told.post)
        if told.post in standing and member.name != told.name:
            replaced.append(told.post)
        member.position, member.role, member.units, member.name = (
            position,
            told.role,
            told.units,
            told.name,
        )
        members.append(member)
    row.members = members
    posts = {each.post for each in members}
    return LeadingGroupChanged(
        title=body.title,
        added=[each.post for each in members if each.post not in standing],
        removed=[post for post in standing if post not in posts],
        replaced=replaced,
    )


def _must_hold_together(members: list[GroupMemberIn]) -> None:
    found, seen = [], set()
    for number, each in enumerate(members):
        if each.post in seen:
            found.append(FieldError(pointer=f"/members/{number}/post", reason="与前面的职务重复"))
        seen.add(each.post)
    if all(each.role is not GroupRole.LEADER for each in members):
        found.append(FieldError(pointer="/members", reason="没有组长"))
    if found:
        raise Invalid(
            "inconsistent-group",
            "领导小组应当有组长，职务不重复，请按 errors 逐项改正。",
            errors=found,
            clauses=GroupOut.clauses,
        )


async def _flush(context: Context) -> None:
    try:
        await context.session.flush()
    except IntegrityError:
        raise Conflict(
            "group-exists",
            "已有同名的领导小组，请修改原有的一个。",
            errors=[FieldError(pointer="/title", reason="与已录入的相同")],
            clauses=GroupOut.clauses,
        ) from None


def _shown(row: LeadingGroup) -> GroupOut:
    members = [GroupMemberOut.of(each, role_zh=GroupRole(each.role).zh) for each in row.members]
    return GroupOut.of(row, office_unit=named(row.office_unit), members=members)


router = routes.router("领导小组")


@router.get(
    "/leading-groups",
    summary="列出领导小组",
    description="领导小组的办事机构和组长、副组长、成员，分页列出；unit 只列有该单位职务、或者办事机构设在该单位的。",
    openapi_extra=clauses("P-4.1"),
)
async def list_groups(
    context: Reader,
    paging: PageRequest,
    unit: Annotated[UnitId | None, Query(description="单位名称、别名或编号")] = None,
) -> Page[GroupOut]:
    """The groups as they were entered, or those of a unit (P-4.1)."""
    query = select(LeadingGroup)
    if unit is not None:
        has_post = LeadingGroup.members.any(GroupMember.units.contains([unit]))
        query = query.where(has_post | (LeadingGroup.office_unit == unit))
    return await paging.page(context.session, query, _shown, LeadingGroup.id)


@router.post(
    "/leading-groups",
    status_code=201,
    summary="录入领导小组",
    description="整个录入：名称、成立文件、办事机构和组长、副组长、成员的职务。职务按文件写法，人员可以暂缺。",
    responses=problems(409),
    openapi_extra=clauses("P-4.1"),
)
async def enter_group(body: GroupIn, context: Manager, response: Response) -> GroupOut:
    """A group as a whole (P-4.1)."""
    row = LeadingGroup(id=db.new_id(), entered_at=context.now, members=[])
    told = _fill(context, row, body)
    context.session.add(row)
    await _flush(context)
    context.record(told, str(row.id))
    response.headers["Location"] = f"/office/v1/leading-groups/{row.id}"
    set_etag(response, row)
    return _shown(row)


@router.get(
    "/leading-groups/{id}",
    summary="查看领导小组",
    description="办事机构和组长、副组长、成员。ETag 供修改时使用。",
    responses=problems(404),
    openapi_extra=clauses("P-4.1"),
)
async def read_group(id: GroupId, context: Reader, response: Response) -> GroupOut:
    """A group with its ETag (P-4.1)."""
    row = await db.found(context.session, LeadingGroup, id, MISSING)
    set_etag(response, row)
    return _shown(row)


@router.put(
    "/leading-groups/{id}",
    summary="修改领导小组",
    description="先读取，再带 If-Match 整个提交。职务不变、只换人员的，职务编号不变。",
    responses=problems(404, 409, 412, 428),
    openapi_extra=clauses("P-4.1"),
)
async def change_group(
    id: GroupId, body: GroupIn, context: Manager, if_match: IfMatch, response: Response
) -> GroupOut:
    """Replace a group that nobody changed since the caller read it; a post stays when somebody else holds it (P-4.1)."""
    row = await db.locked(context.session, LeadingGroup, id, MISSING)
    if_match.check(row)
    told = _fill(context, row, body)
    await _flush(context)
    context.record(told, str(row.id))
    set_etag(response, row)
    return _shown(row)
