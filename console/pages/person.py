"""/people/{id}: one account, with what each office may do to it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from console.pages.people import belongs_to
from console.people import accounts, sessions, tables, tries
from console.people.roles import Duty, Limit, all_roles, role_of
from console.people.tables import Person
from console.web.page import Context, Given, NoSuch, Page, Wrong
from console.web.view import View

PAGE = Page(
    "/people/{id}",
    "账号",
    "person.html",
    duties=tuple(Duty),
    says={
        "grant": "岗位已授予，原来的登录已全部结束。",
        "end": "登录已全部结束。",
        "unlock": "锁定已解除。",
        "disable": "账号已停用，登录已全部结束。",
        "enable": "账号已恢复使用。",
        "tie": "统一身份的关联已更改，原来的登录已全部结束。",
    },
)
#: What a role asks for, in the field's own word.
LIMITS = {Limit.UNIT: "单位", Limit.STREET: "街道或镇", Limit.COMPANY: "统一社会信用代码"}


@PAGE.show
async def show(view: View) -> Context:
    async with view.transaction() as session:
        person = await _person(view, session)
        locked = await tries.locked(session, [person.login], view.now)
        signed_in = await sessions.of_person(session, person.id, view.now)
    asked = {id: LIMITS[role.limit] for id, role in all_roles().items() if role.limit in LIMITS}
    duty = view.person.role.duty if view.person.role else None
    return {
        "person": person,
        "role": role_of(person.role),
        "of": belongs_to(person),
        "locked": bool(locked),
        "sessions": signed_in,
        "roles": [
            (id, f"{role.name}（须填{asked[id]}）" if id in asked else role.name)
            for id, role in all_roles().items()
        ],
        "keeps": duty is Duty.ADMINISTRATOR,
        "grants": duty is Duty.SECURITY,
        "password": None,
        "identity": tables.identity_of(person.subject, view.console.settings.oidc_issuer),
    }


Act = Callable[[AsyncSession, Person], Awaitable[object]]


async def _act(view: View, duty: Duty, act: Act) -> str:
    """Do something to the account that is the duty of one office alone."""
    _must_be(view, duty)
    try:
        async with view.transaction() as session:
            person = await _person(view, session)
            await act(session, person)
    except accounts.Wrong as wrong:
        raise Wrong({wrong.field: wrong.reason}) from None
    return f"/people/{person.id}"


@PAGE.form("grant")
async def grant(view: View, given: Given) -> str:
    return await _act(
        view,
        Duty.SECURITY,
        lambda session, person: accounts.grant(view.acting(session), person, given["role"], given["limit"]),
    )


@PAGE.form("end")
async def end(view: View, _given: Given) -> str:
    async def act(session: AsyncSession, person: Person) -> None:
        ended = await sessions.end_all(session, person.id)
        await view.acting(session).note("session.ended", str(person.id), ended=ended)

    return await _act(view, Duty.SECURITY, act)


@PAGE.form("unlock")
async def unlock(view: View, _given: Given) -> str:
    return await _act(
        view,
        Duty.SECURITY,
        lambda session, person: accounts.unlock(view.acting(session), person),
    )


async def _set_active(view: View, *, active: bool) -> str:
    return await _act(
        view,
        Duty.ADMINISTRATOR,
        lambda session, person: accounts.set_active(view.acting(session), person, active=active),
    )


@PAGE.form("disable")
async def disable(view: View, _given: Given) -> str:
    return await _set_active(view, active=False)


@PAGE.form("enable")
async def enable(view: View, _given: Given) -> str:
    return await _set_active(view, active=True)


@PAGE.form("tie")
async def tie(view: View, given: Given) -> str:
    issuer = view.console.settings.oidc_issuer
    if not issuer:
        raise Wrong({"": "本系统没有设置统一身份认证。"})
    return await _act(
        view,
        Duty.ADMINISTRATOR,
        lambda session, person: accounts.tie(view.acting(session), person, issuer, given["identity"]),
    )


@PAGE.form("reset")
async def reset(view: View, _given: Given) -> Context:
    _must_be(view, Duty.ADMINISTRATOR)
    async with view.transaction() as session:
        person = await _person(view, session)
        return {"password": await accounts.reset(view.acting(session), person)}


def _must_be(view: View, duty: Duty) -> None:
    if view.person.role is None or view.person.role.duty is not duty:
        raise Wrong({"": f"这一项由{_NAMES[duty]}办理。"}, status=403)


_NAMES = {
    Duty.ADMINISTRATOR: "系统管理员",
    Duty.SECURITY: "安全管理员",
    Duty.AUDITOR: "审计员",
}


async def _person(view: View, session: AsyncSession) -> Person:
    try:
        found = await accounts.by_id(session, UUID(view.path("id")))
    except ValueError:
        found = None
    if found is None:
        raise NoSuch("没有这个账号。请从账号列表进入。")
    return found
