"""The endpoint over the originals of texts that hold personal data."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.personal.cipher import UNMASK
from kit.personal.originals import originals_of
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.shapes import Answer


class OriginalOut(Answer, title="原文"):
    """A text as it was typed (原文)."""

    at: LocalTime = Field(description="填写时间")
    client: str = Field(description="填写者：系统的客户端编号，或操作人的姓名和单位", examples=["hotline"])
    action: str = Field(description="随哪项业务填写", examples=["emergency.incident.reported"])
    masked: str = Field(description="各处显示的文字，个人信息已隐去", examples=["家属电话 138****0001"])
    text: str = Field(description="填写的原文", examples=["家属电话 13800000001"])


def make_router(service: str) -> APIRouter:
    """The service's endpoint over originals."""
    router = routes.router("个人信息")
    unmasked = Annotated[Context, requires(f"{service}:read", UNMASK, whose=Whose.WHOLE)]

    @router.get(
        "/originals",
        summary="查看含个人信息的原文",
        description="文字中的电话、身份证号和已知的姓名在各处都隐去，原文加密保存。"
        f"按对象的编号查看原文，需要 {UNMASK} 权限；每次查看都记入审计。",
    )
    async def reveal_originals(
        context: unmasked,
        subject: Annotated[
            str, Query(max_length=100, description="对象的编号", examples=["DS-E-20240624-0001"])
        ],
    ) -> list[OriginalOut]:
        """The texts of a subject as they were typed; the look is audited."""
        context.audit(f"{service}.personal.seen", subject)
        rows = await originals_of(context.session, subject)
        return [OriginalOut.of(row, text=context.cipher.open(row.sealed)) for row in rows]

    return router
