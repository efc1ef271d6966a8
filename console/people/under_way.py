"""Sign-ins by a provider that are under way: begun in one browser, finished once and in the same, within ten minutes."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from console.people.tables import SignIn

LASTS: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class UnderWay:
    """A sign-in that is under way. cookie: the browser's; all that the provider is given follows from it, one way."""

    cookie: str

    @classmethod
    def new(cls) -> "UnderWay":
        """One that nobody can guess."""
        return cls(secrets.token_urlsafe(32))

    @property
    def key(self) -> bytes:
        """What is kept of it."""
        return hashlib.sha256(self.cookie.encode()).digest()

    @property
    def state(self) -> str:
        """What the provider gives back with the browser."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What the provider puts into the id_token."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What only we can show to whoever was given its hash (RFC 7636)."""
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        made = hmac.digest(self.cookie.encode(), purpose.encode(), "sha256")
        return urlsafe_b64encode(made).rstrip(b"=").decode()


def begin(session: AsyncSession, under_way: UnderWay, now: datetime, going_to: str) -> None:
    """Begin one. going_to: an address of ours, for afterwards."""
    session.add(SignIn(key=under_way.key, going_to=going_to, ends_at=now + LASTS))


async def finish(session: AsyncSession, under_way: UnderWay, now: datetime) -> str | None:
    """Where to go afterwards; None for what never began, has been finished, or took too long."""
    ended = delete(SignIn).where(SignIn.key == under_way.key).returning(SignIn.going_to, SignIn.ends_at)
    row = (await session.execute(ended)).one_or_none()
    return row.going_to if row is not None and row.ends_at > now else None


async def forget_ended(session: AsyncSession, now: datetime) -> None:
    """Remove those that nobody finished."""
    await session.execute(delete(SignIn).where(SignIn.ends_at <= now))
