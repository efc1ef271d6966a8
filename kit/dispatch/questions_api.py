"""Endpoints of what the public asks, in services that have such matters: for their staff, and for everybody (P-2.2.2b)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field
from sqlalchemy import select

from kit.context import Context
from kit.dispatch import questions
from kit.dispatch.desk import Desk, Opened, acts
from kit.dispatch.matters import Matter
from kit.dispatch.moves import CLAUSE, READ
from kit.dispatch.questions import MISSING, Wording
from kit.dispatch.requests import BELONGING, by_number, legs_of
from kit.dispatch.searching import held_by
from kit.dispatch.shapes import STATES, State
from kit.dispatch.showing import shown
from kit.dispatch.tables import DispatchLeg, DispatchQuestion, DispatchRequest
from kit.district.clock import LocalTime
from kit.personal.phones import Hotline
from kit.web import routes
from kit.web.access import everybody, requires
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import NotFound, problems
from kit.web.routes import clauses, move
from kit.web.shapes import Answer, Body, Grounded, Name, Text

QuestionId = Annotated[UUID, Path(description="公众提问编号")]
MatterQuery = Annotated[
    str | None, Query(description="事项编码", examples=["government-affairs"], max_length=60)
]
Publication = Literal["unpublished", "published", "withdrawn"]
Staff = Annotated[Context, requires(READ, whose=Whose.PLACES)]
#: Who publishes; the table says with which scope, the request which unit.
Actor = Annotated[Context, requires(whose=Whose.UNITS)]
Public = Annotated[Context, everybody()]
_TAG = "公众提问"


class FaqOut(Answer, title="常见问题"):
    """What everybody may read of a question (常见问题), in the words of whoever published it."""

    id: UUID = Field(description="公众提问编号")
    matter: str = Field(description="归入的事项编码", examples=["government-affairs"])
    matter_name: str = Field(description="归入的事项", examples=["政务咨询"])
    title: str = Field(description="标题", examples=["居住证怎么办理？"])
    question: str = Field(description="问题", examples=["外地户籍在本区居住，怎样办理居住证？"])
    answer: str = Field(description="答复", examples=["携带身份证和居住证明到居住地派出所申领。"])
    phone: str | None = Field(description="咨询电话；没有填写的为空", examples=["0477-8575000"])
    published_at: LocalTime = Field(description="公开时间")


class QuestionOut(Grounded, title="公众提问"):
    """A question of the public (公众提问); what was asked and answered are the request's."""

    id: UUID = Field(description="公众提问编号")
    request: str = Field(description="诉求编号", examples=["DS-OQ-20240624-0001"])
    matter: str = Field(description="诉求的事项编码", examples=["government-affairs"])
    matter_name: str = Field(description="诉求的事项", examples=["政务咨询"])
    summary: str = Field(description="诉求的一句话概括", examples=["咨询居住证办理"])
    description: str = Field(description="诉求的详细情况", examples=["来电人询问居住证怎么办"])
    division: str | None = Field(description="所在街道（镇）", examples=["天骄街道"])
    secret: bool = Field(description="是否保密；保密的不能公开")
    received_at: LocalTime = Field(description="受理时间")
    state: State = Field(description=f"诉求的状态：{STATES}")
    unit_name: str = Field(description="主办单位", examples=["区政府办公室"])
    answer: str | None = Field(description="诉求的答复；没有答复的为空", examples=["请到居住地派出所申领"])
    publication: Publication = Field(description="unpublished 未公开，published 已公开，withdrawn 已撤下")
    published: FaqOut | None = Field(description="公开的文字，撤下后仍可查；没有公开过的为空")
    withdrawn_at: LocalTime | None = Field(description="撤下时间；没有撤下的为空")
    allowed: list[str] = Field(description="您目前可做的操作", examples=[["publish"]])


class PublishQuestionIn(
    Body,
    title="常见问题的公开文字",
    example={
        "title": "居住证怎么办理？",
        "question": "外地户籍在本区居住，怎样办理居住证？",
        "answer": "携带身份证和居住证明到居住地派出所申领。",
        "phone": "0477-8575000",
    },
):
    """A question as the public is to read it (常见问题的公开文字)."""

    title: Name = Field(description="标题")
    question: Text = Field(description="问题，由公开的人另写，不照录来电人的话")
    answer: Text = Field(description="答复，供公众阅读")
    matter: str | None = Field(default=None, max_length=60, description="归入哪一事项；不填为诉求的事项")
    phone: Hotline | None = Field(default=None, description="咨询电话，固定电话或短号码；不填个人手机")


class WithdrawQuestionIn(Body, title="撤下常见问题的理由", example={"reason": "政策已调整，答复不再适用"}):
    """Why a question is taken down (撤下的理由)."""

    reason: Text = Field(description="撤下的理由")


def make_router(service: str, letter: str, matters: Sequence[Matter]) -> APIRouter:
    """The endpoints of a service's questions; none where no matter of its is one of questions."""
    router = routes.router(_TAG)
    if any(questions.asks(each) for each in matters):
        desk = Desk.of(service, letter, matters)
        _add_staff(router, desk)
        _add_acting(router, desk)
        _add_public(router, desk)
    return router


def _add_staff(router: APIRouter, desk: Desk) -> None:
    @router.get(
        "/questions",
        summary="列出公众提问",
        description="咨询类诉求各成为一条公众提问，由新到旧分页列出；提问和答复即诉求的，随诉求变化。"
        "保密的只显示编号和状态。限定街道的令牌只看到本街道的。",
        openapi_extra=clauses(CLAUSE),
    )
    async def list_questions(
        context: Staff,
        paging: PageRequest,
        state: Annotated[State | None, Query(description=f"诉求的状态：{STATES}")] = None,
        published: Annotated[bool | None, Query(description="是否已公开")] = None,
        matter: MatterQuery = None,
    ) -> Page[QuestionOut]:
        """The questions, the newest first."""
        request, question = DispatchRequest, DispatchQuestion
        query = context.within(select(question).join(request, request.id == question.request_id), BELONGING)
        if state is not None:
            query = query.where(request.state == state)
        if matter is not None:
            query = query.where(request.matter == matter)
        if published is not None:
            query = query.where((question.state == "published") == published)
        rows, following = await paging.fetch(context.session, query, question.id, descending=True)
        asked = select(request).where(request.id.in_([row.request_id for row in rows]))
        found = {each.id: each for each in await context.session.scalars(asked)}
        legs = await legs_of(context.session, *found.values())
        items = [_shown(desk, context, row, (found[row.request_id], legs[row.request_id])) for row in rows]
        return Page(items=items, next=following)

    @router.get(
        "/questions/{id}",
        summary="查看一条公众提问",
        description="提问、答复和公开的文字；诉求的办理过程按诉求编号查询。",
        responses=problems(404),
        openapi_extra=clauses(CLAUSE),
    )
    async def read_question(id: QuestionId, context: Staff) -> QuestionOut:
        """A question with its answer."""
        request = await by_number(context, await questions.number_of(context, id))
        legs = (await legs_of(context.session, request))[request.id]
        row = await context.session.get_one(DispatchQuestion, id)
        return _shown(desk, context, row, (request, legs))


def _add_acting(router: APIRouter, desk: Desk) -> None:
    moves = questions.question_moves(desk.service)

    @move(
        router,
        "/questions/{id}",
        moves,
        "publish",
        "诉求已答复或办结、不保密的，由承办单位另写文字公开为常见问题，不需令牌即可查询；文字中不能有来电人的姓名和电话。"
        "已公开的先撤下再改。诉求此后重办的，公开的文字不变，需要改的先撤下。",
        summary="公开为常见问题",
    )
    async def publish_question(id: QuestionId, body: PublishQuestionIn, context: Actor) -> QuestionOut:
        """Publish a question in one's own words."""
        return _acted(await questions.publish(context, desk, id, Wording(**body.model_dump())))

    @move(
        router,
        "/questions/{id}",
        moves,
        "withdraw",
        "公众不再能查到，写明理由；公开过的文字仍保留，可以改后再公开。",
        summary="撤下常见问题",
    )
    async def withdraw_question(id: QuestionId, body: WithdrawQuestionIn, context: Actor) -> QuestionOut:
        """Take a question down."""
        return _acted(await questions.withdraw(context, desk, id, body.reason))


def _add_public(router: APIRouter, desk: Desk) -> None:
    published = select(DispatchQuestion).where(DispatchQuestion.state == "published")

    @router.get(
        "/public/questions",
        summary="公众查询常见问题",
        description="不需令牌，公开的常见问题按公开时间由新到旧分页列出，可按事项筛选、按文字查找。不含个人信息。",
        openapi_extra=clauses(CLAUSE),
    )
    async def list_public_questions(
        context: Public,
        paging: PageRequest,
        matter: MatterQuery = None,
        q: Annotated[
            str | None,
            Query(
                description="文字中含有的词，每个至少两个字，多个词以空格分开",
                examples=["居住证"],
                min_length=2,
                max_length=60,
            ),
        ] = None,
    ) -> Page[FaqOut]:
        """What is often asked, what was published last first."""
        row, query = DispatchQuestion, published
        if matter is not None:
            query = query.where(row.matter == matter)
        if q is not None:
            query = query.where(held_by((row.title, row.question, row.answer), row.grams, q))
        rows, following = await paging.fetch(
            context.session, query, row.published_at, row.id, descending=True
        )
        return Page(items=[_faq(desk, each) for each in rows], next=following)

    @router.get(
        "/public/questions/{id}",
        summary="公众查看一条常见问题",
        description="不需令牌；没有公开或已撤下的返回 404。",
        responses=problems(404),
        openapi_extra=clauses(CLAUSE),
    )
    async def read_public_question(id: QuestionId, context: Public) -> FaqOut:
        """A question that is often asked."""
        row = await context.session.scalar(published.where(DispatchQuestion.id == id))
        if row is None:
            raise NotFound("not-found", MISSING)
        return _faq(desk, row)


def _acted(acted: tuple[DispatchQuestion, Opened]) -> QuestionOut:
    question, case = acted
    return _shown(case.desk, case.context, question, (case.request, case.legs))


def _shown(
    desk: Desk, context: Context, row: DispatchQuestion, asked: tuple[DispatchRequest, Sequence[DispatchLeg]]
) -> QuestionOut:
    """A question, with what its request says as that shows it. asked: the request, and its legs."""
    request, legs = asked
    told: dict[str, Any] = shown(desk, context, request, legs)
    allowed = questions.question_moves(desk.service).allowed(row.state, context.caller)
    mine = any(acts(context.caller, leg) for leg in legs)
    fit = request.state in questions.ANSWERED and not request.secret
    own = {
        "id": row.id,
        "request": request.number,
        "publication": row.state,
        "published": None if row.title is None else _faq(desk, row),
        "withdrawn_at": row.withdrawn_at,
        "allowed": [each for each in allowed if mine and (fit or each != "publish")],
    }
    return QuestionOut(**{name: told[name] for name in QuestionOut.model_fields if name in told} | own)


def _faq(desk: Desk, row: DispatchQuestion) -> FaqOut:
    matter = desk.matters.get(row.matter or "")
    return FaqOut.of(row, matter_name=matter.name if matter else row.matter)
