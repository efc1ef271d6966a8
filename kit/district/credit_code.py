"""Unified social credit codes of organisations (GB 32100-2015)."""

from typing import Annotated

from pydantic import AfterValidator
from stdnum.cn import uscc


def _checked(value: str) -> str:
    code = uscc.compact(value)
    if not uscc.is_valid(code):
        raise ValueError("统一社会信用代码不对：应为 18 位，且校验码相符。")
    return str(code)


#: A code as it is typed; held without blanks and in capitals.
CreditCode = Annotated[str, AfterValidator(_checked)]
