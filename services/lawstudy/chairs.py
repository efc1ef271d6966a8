"""Who may chair law study now: the head of the district, or the executive deputy by the head's delegation (L-4a, D-2)."""

from datetime import datetime
from typing import Self

from pydantic import Field

from kit.district.clock import LocalTime
from kit.web.leadership import SILENT, LeadershipPost, OfficeService
from kit.web.shapes import Answer
from services.lawstudy.plan.sessions import Chair

NOT_RECORDED = "未登记"


class ChairOut(Answer, title="可以主持学法的领导"):
    """Somebody who may chair (可主持人)."""

    post: Chair = Field(description="head 区长，executive_deputy 常务副区长")
    post_zh: str = Field(description="职务", examples=["区长"])
    name: str | None = Field(
        description=f"姓名；政府办公室没有登记的为“{NOT_RECORDED}”，政府办公室服务没有答复的为空",
        examples=["韩涛"],
    )
    away: bool | None = Field(description="当时是否外出；不知道的为空")
    delegated: bool | None = Field(description="是否已登记区长的委托；区长不需要委托，为空")
    sentence: str = Field(description="说明", examples=["区长韩涛在岗，由本人负责。"])


class MayChairOut(Answer, title="谁可以主持学法"):
    """Who may chair a session, as the office service tells it (可主持人)."""

    at: LocalTime = Field(description="问的是什么时候：日期和时刻已定的为学法开始时，否则为现在")
    office_answered: bool = Field(description="政府办公室服务是否答复")
    note: str | None = Field(description="没有答复时的说明；答复了的为空", examples=[None])
    chairs: list[ChairOut] = Field(description="区长和常务副区长")

    @classmethod
    async def asked(cls, office: OfficeService, at: datetime, *, delegated: bool) -> Self:
        """Who may chair at a moment; where the office service does not answer, the posts alone, and that it did not."""
        told = await office.posts(at)
        return cls(
            at=at,
            office_answered=told is not None,
            note=None if told is not None else SILENT,
            chairs=[
                _chair(each, None if told is None else told.get(each.value), delegated, silent=told is None)
                for each in Chair
            ],
        )


def _chair(post: Chair, told: LeadershipPost | None, delegated: bool, *, silent: bool) -> ChairOut:
    needs = post is Chair.EXECUTIVE_DEPUTY
    asking = "还没有登记区长的委托，登记后才能主持。" if needs and not delegated else ""
    shown = ChairOut(
        post=post,
        post_zh=post.zh,
        name=None,
        away=None,
        delegated=delegated if needs else None,
        sentence=(SILENT if silent else f"政府办公室服务没有答复谁担任{post.zh}。") + asking,
    )
    if told is not None:
        holder = told.holder
        shown.name = holder.name if holder is not None else NOT_RECORDED
        shown.away = told.acting is None if holder is not None else None
        shown.sentence = told.sentence + asking
    return shown
