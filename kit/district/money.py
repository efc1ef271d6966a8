"""Money: exact yuan with two places, a text in JSON."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

_WRITTEN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def _exact(value: object) -> object:
    if isinstance(value, Decimal) or (isinstance(value, str) and _WRITTEN.fullmatch(value)):
        return value
    raise ValueError('金额以元为单位，写成文字，例如 "1234567.89"。')


def _to_the_cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


#: An exact amount in yuan; held and shown with two places.
Yuan = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=0, max_digits=18, decimal_places=2),
    AfterValidator(_to_the_cent),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[0-9]{1,16}(\.[0-9]{1,2})?$", "examples": ["1234567.89"]}
    ),
]
