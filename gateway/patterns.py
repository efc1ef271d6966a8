"""The early warnings of all services as one list: each tells what it noticed, the gateway puts them in order (P-2.2.2b)."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from gateway.merged_lists import PATTERNS, Asked, Cursor, Limit, read
from gateway.services import Services
from kit.context import Context
from kit.dispatch.moves import READ
from kit.dispatch.patterns import AskedPatterns, PatternOut
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.shapes import Answer

Reader = Annotated[Context, requires(READ, whose=Whose.PLACES)]


class PatternsOut(Answer, title="各服务的诉求异常聚集"):
    """A page of the patterns of all services (异常聚集)."""

    items: list[PatternOut] = Field(description="本页内容，按发现时间由新到旧")
    next: str | None = Field(
        description="下一页的游标，放入 cursor 参数；没有下一页时为空", examples=["WyIyMDI0LTA2LTI0Il0"]
    )
    unavailable: list[str] = Field(
        description="目前没有应答的服务，本页不含其所发现的；恢复后会在之后的页中列出",
        examples=[["lawstudy"]],
    )


def add(own: APIRouter, asking: Callable[[Request], Services]) -> None:
    """The endpoint of the patterns."""

    @own.get(
        "/patterns",
        summary="查询各服务诉求的异常聚集",
        description="各服务发现的异常聚集合并列出，按发现时间由新到旧：同一小区或同一企业的同一事项，件数明显多于以往的。"
        "没有应答的服务列在 unavailable 中。限定街道的令牌只看到本街道的。",
        response_model=PatternsOut,
        openapi_extra={"x-clauses": ["P-2.2.2b"]},
    )
    async def list_all_patterns(
        request: Request, _context: Reader, _filters: AskedPatterns, limit: Limit = 50, cursor: Cursor = None
    ) -> Response:
        """Patterns of all services, the newest first."""
        merged = await read(asking(request), Asked.of(PATTERNS, request, limit), cursor)
        return merged.answer(request) if merged.refusal is None else merged.refusal.as_it_is()
