"""Signing in by an account that is kept here: the same words and the same time for whatever is wrong."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from console.people import passwords, tries
from console.people.accounts import normal
from console.people.audit import Acting, Actor
from console.people.sessions import Browser, open_for
from console.people.tables import Person
from console.settings import ConsoleSettings

#: What is said of a wrong name, a wrong password, a locked, a disabled account, and too many tries from one place.
REFUSED = (
    "账号或密码不对，或尝试次数太多。请核对后重试；连续 5 次不对，该账号停 30 分钟，也可请安全管理员解除。"
)


class Refused(Exception):
    """Nobody was signed in; the page says `REFUSED` whatever the reason."""


async def sign_in(
    sessions: async_sessionmaker[AsyncSession],
    settings: ConsoleSettings,
    now: datetime,
    browser: Browser,
    given: tuple[str, str],
) -> str:
    """The cookie of a new session; given: account and password as typed. Raises: Refused."""
    login, password = normal(given[0]), given[1]
    async with sessions.begin() as session:
        allowed = await tries.count(session, now, [tries.account(login), tries.address(browser.address)])
        person = await session.scalar(select(Person).where(Person.login == login))
    # Outside any transaction: it takes its time, and a connection is dearer.
    right = await passwords.matches(password, person.password if person else None)
    async with sessions.begin() as session:
        if not (allowed and right and person is not None and person.active):
            reason = (
                "locked"
                if not allowed
                else "unknown"
                if person is None
                else "wrong"
                if not right
                else "disabled"
            )
            subject = str(person.id) if person else "unknown"
            nobody = Actor(address=browser.address)
            await Acting(session, now, nobody).note("sign-in.refused", subject, reason=reason)
        else:
            # As it is now: the account may have been changed while the password was checked.
            person = await session.get(Person, person.id, with_for_update=True)
            if person is not None and person.active:
                await tries.forgive(session, login, browser.address)
                cookie = await open_for(session, person, settings, now, browser)
                actor = Actor(str(person.id), person.name, person.unit, browser.address)
                await Acting(session, now, actor).note("sign-in.done", str(person.id))
                return cookie
    raise Refused
