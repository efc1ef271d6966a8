"""Finding compounds and companies by part of a name, pinyin, initials, alias, former name or address."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from kit.district.named_units import Street
from kit.district.search_words import sought
from kit.web import routes
from kit.web.pages import Page, PageRequest
from kit.web.problems import FieldError, Invalid
from kit.web.shapes import Answer
from services.property.base import Reader
from services.property.search.work import By, Kind, found


class FoundOut(Answer, title="查找结果"):
    """A compound or company that was found, and by what (查找结果)."""

    kind: Kind = Field(description="compound 小区，company 物业服务企业")
    id: UUID = Field(description="登记编号")
    name: str = Field(description="现在的名称", examples=["天骄小区"])
    street: str | None = Field(description="小区所在街道（镇）；企业为空", examples=["天骄街道"])
    community: str | None = Field(description="小区所在社区；企业为空", examples=["天骄社区"])
    uscc: str | None = Field(description="企业的统一社会信用代码", examples=["91150602MA0DEMF00Q"])
    by: By = Field(description="按什么找到：name 名称，alias 别名，former 原名称，address 地址")
    matched: str = Field(description="符合的名称、别名、原名称或地址", examples=["天骄小区一期"])


router = routes.router("查找")


@router.get(
    "/search",
    summary="查找小区和企业",
    description="按名称、别名、原名称或地址的任意一段查找，也可以用拼音（hexie、hé xiè）或拼音首字母（hx），"
    "全半角、空格、括号不影响。名称相同的在前，其次是以此开头的，再次是含有的，然后是别名、原名称和地址。"
    "限定街道（镇）的令牌只查到本街道（镇）的小区。",
)
async def search(
    context: Reader,
    paging: PageRequest,
    q: Annotated[
        str, Query(min_length=1, max_length=100, description="要找的文字、拼音或首字母", examples=["天骄"])
    ],
    kind: Annotated[Kind | None, Query(description="类别，不填为两类")] = None,
    street: Annotated[Street | None, Query(description="街道（镇）；填写则只查找小区")] = None,
) -> Page[FoundOut]:
    """Compounds and companies, the likeliest first.

    Raises: Invalid for what has no letter or digit to look for.
    """
    word = sought(q)
    if not word:
        reason = "没有可以查找的文字、字母或数字"
        raise Invalid(
            "nothing-sought",
            "请填写要查找的文字、拼音或首字母。",
            errors=[FieldError(pointer="?q", reason=reason)],
        )
    rows, following = await paging.ask(context.session, found(context, kind, street), word=word)
    return Page[FoundOut].model_validate({"items": rows, "next": following}, from_attributes=True)
