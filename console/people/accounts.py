"""What is done to accounts, each with an entry in the audit: made, granted a role, disabled, given another password."""

import re
import unicodedata
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.people import passwords, sessions, tries
from console.people.audit import Acting
from console.people.identity import LONGEST
from console.people.roles import Limit, role_of
from console.people.tables import Person, subject_of
from kit.district import units
from kit.district.credit_code import CreditCode
from kit.storage.db import new_id

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_COMPANY: Final[TypeAdapter[str]] = TypeAdapter(CreditCode)


class Wrong(Exception):
    """What was given cannot be taken; field: which, reason: a Chinese sentence."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


def normal(login: str) -> str:
    """An account's name in its normal form: width, case and blanks make no difference."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


async def make(acting: Acting, login: str, name: str, *, subject: str | None = None) -> tuple[Person, str]:
    """Make an account without a role; the account and its first password. Raises: Wrong."""
    login, name = normal(login), " ".join(name.split())
    if not _LOGIN.fullmatch(login):
        raise Wrong("login", "账号为 2 到 32 个小写字母、数字、点、横线或下划线，以字母或数字开头。")
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise Wrong("name", "请填写姓名，不超过 64 个字。")
    if await acting.session.scalar(select(Person.id).where(Person.login == login)) is not None:
        raise Wrong("login", f"账号 {login} 已经有了，请换一个。")
    password = passwords.first_password()
    person = Person(
        id=new_id(),
        login=login,
        name=name,
        password=passwords.hashed(password),
        to_change=True,
        subject=subject,
        active=True,
        made_at=acting.now,
    )
    acting.session.add(person)
    await acting.session.flush()
    await acting.note("account.made", str(person.id), login=login)
    return person, password


async def grant(acting: Acting, person: Person, role: str, limit: str = "") -> None:
    """Give a person a role, in place of the one before; limit: the unit, street or company that it asks for.

    Sessions end, so that nobody goes on with former rights. Raises: Wrong.
    """
    found = role_of(role)
    if found is None:
        raise Wrong("role", "请选择岗位。")
    unit, division, company = _limited(found.limit, found.unit, limit)
    if acting.actor.person == str(person.id):
        raise Wrong("role", "不能改自己的岗位，请由另一位安全管理员办理。")
    before = {
        "role": person.role,
        "unit": person.unit,
        "division": person.division,
        "company": person.company,
    }
    person.role, person.unit, person.division, person.company = role, unit, division, company
    after = {"role": role, "unit": unit, "division": division, "company": company}
    await sessions.end_all(acting.session, person.id)
    await acting.note("account.role", str(person.id), before=before, after=after)


def _limited(limit: Limit, unit: str | None, given: str) -> tuple[str | None, str | None, str | None]:
    """(unit, division, company) of a role and what was given for it. Raises: Wrong."""
    match limit:
        case Limit.NONE:
            return unit, None, None
        case Limit.COMPANY:
            try:
                return None, None, _COMPANY.validate_python(given)
            except ValidationError:
                raise Wrong("limit", "请填写企业的统一社会信用代码，18 位。") from None
        case Limit.STREET:
            street = units.street(given)
            if street is None:
                raise Wrong("limit", "请填写本区的街道或镇，例如“天骄街道”。")
            return street.id, street.name, None
        case Limit.UNIT:
            found = units.resolve(given)
            if found is None:
                raise Wrong("limit", "没有这个单位，请填写单位的规范名称或常用简称。")
            return found.id, None, None


async def set_active(acting: Acting, person: Person, *, active: bool) -> None:
    """Disable an account, whose sessions end, or let it be used again. Raises: Wrong for one's own."""
    if acting.actor.person == str(person.id):
        raise Wrong("active", "不能停用自己的账号。")
    person.active = active
    if not active:
        await sessions.end_all(acting.session, person.id)
    await acting.note("account.enabled" if active else "account.disabled", str(person.id))


async def reset(acting: Acting, person: Person) -> str:
    """A new first password, to be changed at once; sessions end."""
    password = passwords.first_password()
    person.password, person.to_change = passwords.hashed(password), True
    await sessions.end_all(acting.session, person.id)
    await acting.note("account.reset", str(person.id))
    return password


async def tie(acting: Acting, person: Person, issuer: str, identity: str) -> None:
    """Let an account be used by whom an identity provider names so; by nobody any more, where that is empty.

    Sessions end, which may be a former holder's. Raises: Wrong.
    """
    identity = identity.strip()
    if len(identity) > LONGEST or not identity.isprintable():
        raise Wrong("identity", f"身份标识不超过 {LONGEST} 个字符，不能含有不可见的字符。")
    subject = subject_of(issuer, identity) if identity else None
    if subject is not None:
        query = select(Person.login).where(Person.subject == subject, Person.id != person.id)
        if (other := await acting.session.scalar(query)) is not None:
            raise Wrong("identity", f"这个身份已经关联了账号 {other}，一个身份只能关联一个账号。")
    person.subject = subject
    await sessions.end_all(acting.session, person.id)
    await acting.note(
        "account.tied" if identity else "account.untied", str(person.id), provider=issuer, identity=identity
    )


async def change_password(acting: Acting, seat: sessions.Seat, old: str, new: str) -> None:
    """Change one's own password; every other session of one's own ends. Raises: Wrong."""
    person = await acting.session.get_one(Person, seat.id, with_for_update=True)
    if not await passwords.matches(old, person.password):
        raise Wrong("old", "原密码不对。")
    if reason := passwords.refused(new, person.login):
        raise Wrong("new", reason)
    if new == old:
        raise Wrong("new", "新密码不能与原密码相同。")
    person.password, person.to_change = passwords.hashed(new), False
    await sessions.end_all(acting.session, person.id, but=seat.key)
    await acting.note("account.password", str(person.id))


async def unlock(acting: Acting, person: Person) -> None:
    """Let an account be tried again at once."""
    await tries.unlock(acting.session, person.login)
    await acting.note("account.unlocked", str(person.id))


async def by_id(session: AsyncSession, id: UUID) -> Person | None:
    """An account to be changed."""
    return await session.get(Person, id, with_for_update=True)
