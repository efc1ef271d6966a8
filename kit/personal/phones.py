"""Telephone numbers of persons: encrypted, shown masked, revealed on the record."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import LargeBinary
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from kit.personal.cipher import mask_phone
from kit.storage.transactions import cipher_of

Phone = Annotated[
    str,
    Field(
        pattern=r"^\+?[0-9][0-9-]{4,19}$",
        description="电话，加密保存，默认只显示部分数字",
        examples=["13800000000"],
    ),
]


#: A mobile number in running text; never part of a hash, a code or an amount.
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z]|\.\d)")


def masked_in(text: str) -> str:
    """A text that somebody typed, with the mobile numbers in it masked."""
    return _MOBILE.sub(lambda found: mask_phone(found[0]), text)


class PhoneOut(BaseModel):
    """A number in full."""

    model_config = ConfigDict(title="完整电话")

    phone: str | None = Field(description="完整电话；没有登记时为空")


class Reachable:
    """A row of somebody who can be called: the number sealed, and masked as answers show it."""

    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_masked: Mapped[str | None]

    @property
    def phone(self) -> str | None:
        """The number as answers show it."""
        return self.phone_masked


def set_phone(session: AsyncSession, row: Reachable, phone: str | None) -> None:
    """Enter, replace or remove a number."""
    row.phone_sealed = cipher_of(session).seal(phone) if phone else None
    row.phone_masked = mask_phone(phone) if phone else None


def reveal(session: AsyncSession, row: Reachable) -> PhoneOut:
    """The number in full; whoever asks must have the scope, and the look is audited."""
    return PhoneOut(phone=cipher_of(session).open(row.phone_sealed) if row.phone_sealed else None)
