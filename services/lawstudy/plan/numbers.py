"""Document numbers (发文字号) as offices write them; pure."""

import re
import unicodedata
from typing import Final

_NUMBER: Final = re.compile(r"(?P<office>[^\d〔\[]+)[〔\[(](?P<year>\d{4})[〕\])](?P<number>[1-9]\d*)号")


def document_number(text: str) -> str:
    """A document number in its one form, 东政办发〔2024〕26号, whatever brackets, width or blanks were typed.

    Raises: ValueError with a Chinese sentence for anything else.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    plain = plain.translate(str.maketrans("【】", "[]"))
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise ValueError("应当是发文字号，例如 东政办发〔2024〕26号。")
    return f"{found['office']}〔{found['year']}〕{found['number']}号"
