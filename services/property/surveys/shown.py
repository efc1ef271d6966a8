"""A survey's record as answers show it."""

from datetime import date
from uuid import UUID

from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.personal.masking import mask_name, mask_phone
from kit.web.shapes import Answer
from services.property.surveys.models import SurveyRecord


class SurveyOut(Answer, title="摸底记录"):
    """An imported survey (摸底记录)."""

    id: UUID = Field(description="摸底记录编号")
    as_of: date = Field(description="摸底日期")
    streets: list[str] = Field(description="涉及的街道（镇）", examples=[["天骄街道"]])
    unit: str = Field(description="填报单位", examples=["天骄街道办事处"])
    contact: str | None = Field(description="联系人，默认隐去", examples=["李*"])
    phone: str | None = Field(description="电话，默认隐去", examples=["138****0001"])
    file_name: str = Field(description="文件名", examples=["天骄街道物业摸排表.xlsx"])
    sha256: str = Field(
        description="文件的 SHA-256",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    rows: int = Field(description="小区数")
    superseded_by: UUID | None = Field(description="被哪次重新报送取代")
    client: str = Field(
        description="导入者：系统的客户端编号，或操作人的姓名和单位", examples=["张三（天骄街道）"]
    )
    recorded_at: LocalTime = Field(description="导入时间")
    withdrawn_at: LocalTime | None = Field(description="撤回时间；没有撤回的为空")
    withdrawal_reason: str | None = Field(description="撤回原因", examples=["日期填错"])


def shown(context: Context, row: SurveyRecord, *, reveal: bool) -> SurveyOut:
    """The record; contact and phone in full only with `reveal`."""
    contact = context.cipher.open(row.contact) if row.contact else None
    phone = context.cipher.open(row.phone) if row.phone else None
    return SurveyOut.of(
        row,
        contact=contact if reveal or contact is None else mask_name(contact),
        phone=phone if reveal or phone is None else mask_phone(phone),
    )
