"""A caller's number out of what a clerk typed: one that the district takes, or none."""

import re
import unicodedata

from pydantic import TypeAdapter, ValidationError

from kit.personal.phones import Phone

_PHONE: TypeAdapter[str] = TypeAdapter(Phone)
_SEVERAL = re.compile(r"[,;、/|\n]")
_WRITTEN = re.compile(r"\+?\(?\d[\d \-()]{5,}\d(?: ?(?:转|分机|#) ?\d{1,6})?")


def phone_in(typed: str) -> str | None:
    """The first number in a text such as `13800000000(本人)，0477-8580000`; None where there is none."""
    for part in _SEVERAL.split(unicodedata.normalize("NFKC", typed)):
        found = _WRITTEN.search(part)
        if found is None:
            continue
        try:
            return _PHONE.validate_python(found[0])
        except ValidationError:
            continue
    return None
