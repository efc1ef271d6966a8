"""Who acts now for the headquarters' posts that a leader of the district holds, as the office service tells it (E-2.1a, D-2)."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import LocalTime
from kit.web import routes
from kit.web.access import requires
from kit.web.leadership import SILENT, AskedOffice, LeadershipPost, PersonInOffice
from kit.web.ownership import Whose
from kit.web.routes import clauses
from kit.web.shapes import Answer, Grounded
from services.emergency.headquarters.headquarters import Seat
from services.emergency.plan.catalogue import Post, catalogue

Reader = Annotated[Context, requires("emergency:read", whose=Whose.DISTRICTS)]


class ActingPostOut(Answer, title="指挥部职位现由谁承担"):
    """A post of the headquarters, and who acts in it (职位承担)."""

    post: str = Field(description="职位编号", examples=["executive-deputy"])
    name: str = Field(description="职位名称", examples=["常务副总指挥"])
    held_by: str = Field(description="预案规定由什么人担任", examples=["分管应急的区政府领导"])
    registered: list[str] = Field(description="本系统登记的现任人员", examples=[["某副区长（虚构）"]])
    leadership: LeadershipPost | None = Field(
        description="政府办公室服务答复的领导职务；不由区政府领导单独担任，或者没有答复的为空"
    )
    acting: PersonInOffice | None = Field(description="现由谁承担；政府办公室服务没有答复或不知道的为空")
    deputies: list[str] = Field(description="预案规定由哪些职位代行，职位名称", examples=[["常务副总指挥"]])
    sentence: str = Field(description="说明", examples=["高明在岗，由本人负责。"])


class ActingPostsOut(Grounded, title="指挥部各职位现由谁承担", clauses=("E-2.1a", "D-1", "D-2")):
    """The headquarters' posts with who acts in each (职位承担)."""

    at: LocalTime = Field(description="问的是什么时候")
    office_answered: bool = Field(description="政府办公室服务是否答复")
    note: str | None = Field(description="没有答复时的说明；答复了的为空", examples=[None])
    posts: list[ActingPostOut] = Field(description="各职位，按预案次序")


router = routes.router("指挥部")


@router.get(
    "/headquarters-posts/acting",
    summary="查看指挥部各职位现由谁承担",
    description="由区政府领导担任的职位，按政府办公室服务答复的分工、外出和AB角，列出当时由谁承担；领导职务没有人代行的，"
    "列出预案规定的代行职位。政府办公室服务没有答复时如实说明，只列职位。",
    openapi_extra=clauses("E-2.1a", "D-2"),
)
async def read_acting_posts(
    context: Reader,
    office: AskedOffice,
    at: Annotated[LocalTime | None, Query(description="什么时候，不填为现在")] = None,
) -> ActingPostsOut:
    """The headquarters' posts with who acts in each (E-2.1a, D-2)."""
    moment = at or context.now
    registered: dict[str, list[str]] = {}
    for seat in await context.session.scalars(select(Seat).order_by(Seat.seat)):
        if seat.holder is not None:
            registered.setdefault(seat.post, []).append(seat.holder)
    told = await office.posts(moment)
    return ActingPostsOut.of(
        at=moment,
        office_answered=told is not None,
        note=None if told is not None else SILENT,
        posts=[_shown(post, registered.get(post.id, []), told) for post in catalogue().posts],
    )


def _shown(post: Post, registered: list[str], told: Mapping[str, LeadershipPost] | None) -> ActingPostOut:
    leader = told.get(post.leadership) if told is not None and post.leadership is not None else None
    deputies = [each for each in catalogue().posts if each.deputy_of == post.id]
    return ActingPostOut(
        post=post.id,
        name=post.name,
        held_by=post.held_by,
        registered=registered,
        leadership=leader,
        acting=leader.acting if leader is not None else None,
        deputies=[each.name for each in deputies],
        sentence=_in_words(post, leader, deputies, told),
    )


def _in_words(
    post: Post,
    leader: LeadershipPost | None,
    deputies: list[Post],
    told: Mapping[str, LeadershipPost] | None,
) -> str:
    by_post = f"由{post.held_by}担任，以本系统登记的人员为准。"
    if post.leadership is None:
        return by_post
    if told is None:
        return f"{SILENT}{by_post}"
    if leader is None:
        return f"政府办公室服务没有答复这个职务。{by_post}"
    if leader.acting is not None:
        return leader.sentence
    named = [_with_name(each, told) for each in deputies]
    return leader.sentence + (f"按预案由{'、'.join(named)}代行。" if named else "")


def _with_name(post: Post, told: Mapping[str, LeadershipPost]) -> str:
    leader = told.get(post.leadership) if post.leadership is not None else None
    acting = leader.acting if leader is not None else None
    return f"{post.name}（{acting.name}）" if acting is not None else post.name
