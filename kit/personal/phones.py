"""Telephone numbers of persons: encrypted, shown masked, revealed on the record."""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from sqlalchemy.orm import Mapped

from kit.context import Context
from kit.personal.kept import Kept
from kit.personal.masking import mask_phone
from kit.web.shapes import Answer, ShownAs

#: A number as answers show it.
MaskedPhone = Annotated[str, Field(description="电话，只显示部分数字", examples=["138****0000"])]

#: A number as people write it: digits, set apart as they like, and an extension.
_WRITTEN = r"^\+?\(?[0-9](?:[ \-()]{0,2}[0-9]){3,19}(?: ?(?:转|分机|#|-|ext\.?) ?[0-9]{1,6})?$"


def _plain(typed: Any) -> Any:
    """Full-width characters as plain ones, kinds of blanks and dashes as one."""
    if not isinstance(typed, str):
        return typed
    return re.sub("[\u2010-\u2015\u2212]", "-", " ".join(unicodedata.normalize("NFKC", typed).split()))


#: A number as it is entered.
Phone = Annotated[
    str,
    BeforeValidator(_plain),
    Field(
        pattern=_WRITTEN,
        max_length=40,
        description="电话，手机或固定电话，可带分机；加密保存，默认只显示部分数字",
        examples=["13800000000"],
    ),
    ShownAs(MaskedPhone),
    Kept.PHONE,
]


#: The number of a hotline, published to everybody: a fixed line, a short number or a 400 number, never a person's mobile phone.
Hotline = Annotated[
    str,
    BeforeValidator(_plain),
    Field(
        pattern=r"^(?:(?:0[0-9]{2,3}-?)?[2-9][0-9]{6,7}|[19][0-9]{4,5}|400-?[0-9]{3}-?[0-9]{4})$",
        description="对外公布的热线，固定电话（可带区号）或短号码；不填个人手机",
        examples=["0477-8575000"],
    ),
    Kept.PUBLIC,
]


def digits(phone: str) -> str:
    """A phone as it is looked up, however it was written; without its extension."""
    bare = re.split("转|分机|#|ext", phone.removeprefix("+86"))[0]
    return re.sub("[^0-9]", "", bare)


class PhoneOut(Answer, title="完整电话"):
    """A number in full (完整电话)."""

    phone: str | None = Field(description="完整电话；没有登记时为空", examples=["13800000001"])


class Reachable:
    """A row of somebody who can be called: the number sealed, and masked as answers show it."""

    phone_sealed: Mapped[bytes | None]
    phone_masked: Mapped[str | None]

    @property
    def phone(self) -> str | None:
        """The number as answers show it."""
        return self.phone_masked


def set_phone(context: Context, row: Reachable, phone: str | None) -> None:
    """Enter, replace or remove a number."""
    row.phone_sealed = context.cipher.seal(phone) if phone else None
    row.phone_masked = mask_phone(phone) if phone else None


def reveal(context: Context, row: Reachable) -> PhoneOut:
    """The number in full; whoever asks must have the scope, and audits the look."""
    return PhoneOut(phone=context.cipher.open(row.phone_sealed) if row.phone_sealed else None)
