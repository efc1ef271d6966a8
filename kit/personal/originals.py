"""What is typed and holds personal data: masked before anything is done with it, the original sealed in the same commit.

Below the endpoints nobody meets an unmasked text. Originals are kept under the subjects of the audit entries of their
transaction, and are shown to whoever may see personal data and asks for them, on the record.
"""

from collections.abc import Collection, Iterator
from dataclasses import is_dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.context import Context
from kit.personal.kept import Kept, marks_of
from kit.personal.masking import mask_name, masked, within
from kit.storage.pending import pending
from kit.storage.tables import Original
from kit.storage.transactions import cipher_of

Value = TypeVar("Value")
#: What `mask_name` makes.
_MASKED_NAME = r"^.\*+$"


def take_in(session: AsyncSession, typed: Value, names: Collection[str] = ()) -> Value:
    """What was typed with every text in it masked; the originals are kept when the transaction commits.

    names: of persons whom it may speak of, besides those that it names itself, which are kept as well.
    """
    own = list(_names(typed))
    known = {*names, *own}
    found = pending(session).originals
    found.extend(
        (shown, name) for name in own if (shown := mask_name(name)) != name
    )  # not one sent back as read

    def mask(text: str) -> str:
        shown = masked(text, known)
        if shown != text:
            found.append((shown, text))
        return shown

    return within(typed, mask)


async def names_of(session: AsyncSession, subjects: Collection[str]) -> list[str]:
    """The names of persons that what was written about the subjects has named."""
    query = select(Original.sealed).where(
        Original.subjects.overlap(list(subjects)), Original.masked.regexp_match(_MASKED_NAME)
    )
    opened = cipher_of(session).open
    return [opened(sealed) for sealed in await session.scalars(query)]


async def originals_of(session: AsyncSession, subject: str) -> list[Original]:
    """The originals of what was written about a subject, the oldest first."""
    query = select(Original).where(Original.subjects.contains([subject])).order_by(Original.id)
    return list(await session.scalars(query))


async def reveal_within(context: Context, subject: str, shown: Value) -> Value:
    """An answer about a subject with its texts as they were typed; the caller may see them, and the look is audited."""
    cipher = cipher_of(context.session)
    rows = await originals_of(context.session, subject)
    typed = {row.masked: cipher.open(row.sealed) for row in rows}

    def reveal(text: str) -> str:
        while text in typed:  # a text may have been masked twice, as further names became known
            text = typed[text]
        return text

    return within(shown, reveal)


def _names(typed: Any) -> Iterator[str]:
    if isinstance(typed, list):
        for each in typed:
            yield from _names(each)
    elif isinstance(typed, BaseModel) or is_dataclass(typed):
        for name, mark in marks_of(typed).items():
            value = getattr(typed, name)
            if mark is Kept.NAME and value:
                yield value
            else:
                yield from _names(value)
