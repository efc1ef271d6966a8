"""Money: exact yuan with two places, a text in JSON."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('金额请写成文字，例如 "1234567.89"，不要写成小数数字。')
    if isinstance(value, bool):
        raise ValueError("应当是金额，单位为元。")
    return value


def _to_the_cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


#: An exact amount in yuan; held and shown with two places.
Yuan = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=0, max_digits=18, decimal_places=2),
    AfterValidator(_to_the_cent),
]
