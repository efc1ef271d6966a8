"""Signing in as whom an identity provider says: an account that is tied to it, by an administrator and nobody else."""

import hmac
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from console.people import under_way
from console.people.audit import Acting, Actor
from console.people.identity import Unfit
from console.people.provider import Away, Provider
from console.people.sessions import Browser, open_for
from console.people.tables import Person, subject_of
from console.people.under_way import UnderWay
from console.settings import ConsoleSettings

#: What the page says of each reason for which nobody was signed in.
SENTENCES: Final = {
    "away": "{name}暂时连接不上，请稍后再试。",
    "state": "登录已过期，或不是在这个浏览器里开始的，请重新登录。",
    "denied": "您在{name}那里取消了登录，或没有得到同意。需要时请重新登录。",
    "unfit": "{name}的答复无法核验，没有登录。请重新登录；一直如此请联系系统管理员。",
    "untied": "您在{name}的身份还没有关联本系统的账号，请联系系统管理员开设账号并关联。",
    "disabled": "您的账号已停用，请联系系统管理员。",
}


class Failed(Exception):
    """Nobody was signed in. reason: a key of `SENTENCES`; details: for the audit alone; going_to: what was wanted."""

    def __init__(self, reason: str, **details: str) -> None:
        super().__init__(reason)
        self.reason, self.details = reason, details
        self.going_to = "/"


class Arriving:
    """People who come back from the provider."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        settings: ConsoleSettings,
        provider: Provider,
    ) -> None:
        self._sessions, self._settings, self._provider = sessions, settings, provider

    async def leave(self, now: datetime, going_to: str) -> tuple[str, str]:
        """(where somebody is sent to sign in, the cookie by which the same browser is known). Raises: Failed."""
        made = UnderWay.new()
        try:
            address = await self._provider.address(made)
        except Away:
            raise Failed("away") from None
        async with self._sessions.begin() as session:
            under_way.begin(session, made, now, going_to)
        return address, made.cookie

    async def arrive(
        self, now: datetime, browser: Browser, cookie: str, said: dict[str, str]
    ) -> tuple[str, str]:
        """(the cookie of a new session, where to go).

        said: what the provider sent back with the browser. Raises: Failed.
        """
        going_to = await self._going_to(now, UnderWay(cookie), said)
        try:
            return await self._arrived(now, browser, UnderWay(cookie), said), going_to
        except Failed as failed:
            failed.going_to = going_to
            raise

    async def _arrived(self, now: datetime, browser: Browser, known: UnderWay, said: dict[str, str]) -> str:
        if "error" in said:
            raise Failed(
                "denied" if said["error"] == "access_denied" else "unfit", error=_word(said["error"])
            )
        try:
            identity = await self._provider.identity(said.get("code", ""), known)
        except Away:
            raise Failed("away") from None
        except Unfit as unfit:
            raise Failed("unfit", wrong=str(unfit)) from None
        return await self._sign_in(now, browser, identity)

    async def _going_to(self, now: datetime, known: UnderWay, said: dict[str, str]) -> str:
        """Where to go, of the sign-in that this browser began, which thereby is over. Raises: Failed."""
        if not hmac.compare_digest(known.state.encode(), said.get("state", "").encode()):
            raise Failed("state")
        if said.get("iss", self._provider.issuer) != self._provider.issuer:  # RFC 9207
            raise Failed("unfit", wrong="iss")
        async with self._sessions.begin() as session:
            going_to = await under_way.finish(session, known, now)
        if going_to is None:
            raise Failed("state")
        return going_to

    async def _sign_in(self, now: datetime, browser: Browser, identity: str) -> str:
        subject = subject_of(self._provider.issuer, identity)
        async with self._sessions.begin() as session:
            query = select(Person).where(Person.subject == subject).with_for_update()
            person = await session.scalar(query)
            if person is None:
                raise Failed("untied", identity=identity)
            if not person.active:
                raise Failed("disabled", account=str(person.id))
            here = replace(browser, outside=True)
            cookie = await open_for(session, person, self._settings, now, here)
            actor = Actor(str(person.id), person.name, person.unit, browser.address)
            await Acting(session, now, actor).note(
                "sign-in.done", str(person.id), provider=self._provider.issuer
            )
            return cookie

    async def note(self, now: datetime, browser: Browser, failed: Failed) -> None:
        """Leave in the audit that nobody was signed in, and why."""
        details = dict(failed.details)
        account = details.pop("account", "unknown")
        async with self._sessions.begin() as session:
            await Acting(session, now, Actor(address=browser.address)).note(
                "sign-in.refused", account, reason=failed.reason, provider=self._provider.issuer, **details
            )


def _word(given: str) -> str:
    """What another may have written, as a word that an audit can hold."""
    return given[:40] if given.isascii() and given.isprintable() else "?"
