"""What the public asks (公众提问): a question for each request of such a matter, and what of it is published (P-2.2.2b).

Its answer is the request's. The caller's words are published by nobody: whoever publishes writes a wording of their own.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kit.context import Context
from kit.dispatch.desk import Desk, Opened
from kit.dispatch.matters import Matter
from kit.dispatch.moves import CLAUSE, units_of
from kit.dispatch.searching import grams
from kit.dispatch.tables import DispatchQuestion, DispatchRequest
from kit.personal.masking import mask_name, masked
from kit.personal.phones import digits
from kit.storage.db import new_id
from kit.web.moves import Moves
from kit.web.ownership import UNKNOWN, Owner
from kit.web.problems import Conflict, FieldError, Invalid, NotFound

MISSING = "没有这条公众提问，请核对编号。"
#: A request's states in which it has an answer that holds.
ANSWERED = ("answered", "closed")


def question_moves(service: str) -> Moves:
    """A question: not published, published as one that is often asked, taken down again."""
    rows = [
        row
        for unit in units_of(service)
        for row in (
            ("unpublished", "publish", unit, "published", CLAUSE),
            ("published", "withdraw", unit, "withdrawn", CLAUSE),
            ("withdrawn", "publish", unit, "published", CLAUSE),
        )
    ]
    return Moves(
        "公众提问",
        states={
            "unpublished": "提问尚未公开",
            "published": "提问已作为常见问题公开",
            "withdrawn": "常见问题已撤下",
        },
        actions={"publish": "公开为常见问题", "withdraw": "撤下常见问题"},
        rows=rows,
    )


@dataclass(frozen=True)
class Wording:
    """What the public is to read, as somebody words it. matter: the request's own where none is named."""

    title: str
    question: str
    answer: str
    matter: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Asked:
    """Whose words are no part of a wording: the caller of the request."""

    name: str | None
    phone: str | None

    def is_told_by(self, text: str) -> bool:
        """Whether a text tells who asked, or holds a number or a name that was masked where it came in."""
        if "**" in text:
            return True
        if self.name and (masked(text, (self.name,)) != text or mask_name(self.name) in text):
            return True
        return bool(self.phone) and digits(self.phone or "") in "".join(filter(str.isdecimal, text))


def asks(matter: Matter) -> bool:
    """Whether the requests of a matter are questions."""
    return matter.taken is take_question


async def take_question(context: Context, request: DispatchRequest) -> str:
    """Make a question of a request, once; its id is the request's reference."""
    values = {
        "id": new_id(),
        "version": 1,
        "request_id": request.id,
        "secret": request.secret,
        "state": "unpublished",
        "grams": [],
    }
    statement = insert(DispatchQuestion).values(values).on_conflict_do_nothing(index_elements=["request_id"])
    id = await context.session.scalar(statement.returning(DispatchQuestion.id))
    known = select(DispatchQuestion.id).where(DispatchQuestion.request_id == request.id)
    return str(id or await context.session.scalar(known))


async def number_of(context: Context, id: UUID) -> str:
    """The number of a question's request, for a caller whose it is. Raises: NotFound; Forbidden."""
    request = DispatchRequest
    asked = select(request.number, request.division).join(
        DispatchQuestion, DispatchQuestion.request_id == request.id
    )
    found = (await context.session.execute(asked.where(DispatchQuestion.id == id))).one_or_none()
    if found is None:
        raise NotFound("not-found", MISSING)
    context.must_own(Owner(found.division or UNKNOWN), MISSING)
    return str(found.number)


async def publish(
    context: Context, desk: Desk, id: UUID, wording: Wording
) -> tuple[DispatchQuestion, Opened]:
    """Publish a question that has an answer, in somebody's own words.

    Raises: NotFound; Forbidden for another unit's; Conflict for what is secret, published or has no answer; Invalid for a
    wording that tells who asked, or a matter that is none.
    """
    question, case = await _to_act(context, desk, id)
    state = question_moves(desk.service).check(question.state, "publish", context.caller).target
    _must_be_fit(case.request)
    _must_tell_nobody(context, case.request, wording)
    question.matter = _category(desk, wording.matter or case.request.matter)
    question.title, question.question, question.answer = wording.title, wording.question, wording.answer
    question.phone, question.state = wording.phone, state
    question.grams = sorted(grams(" ".join((wording.title, wording.question, wording.answer))))
    question.published_at, question.published_by = context.now, context.caller.by
    question.withdrawn_at = None
    said = {name: getattr(question, name) for name in ("matter", "title", "question", "answer", "phone")}
    context.audit(f"{desk.service}.question.published", str(id), request=case.request.number, **said)
    return question, case


async def withdraw(context: Context, desk: Desk, id: UUID, reason: str) -> tuple[DispatchQuestion, Opened]:
    """Take a question down again. Raises: NotFound; Forbidden for another unit's; Conflict for one that is not published."""
    question, case = await _to_act(context, desk, id)
    question.state = question_moves(desk.service).check(question.state, "withdraw", context.caller).target
    question.withdrawn_at = context.now
    context.audit(f"{desk.service}.question.withdrawn", str(id), request=case.request.number, reason=reason)
    return question, case


async def _to_act(context: Context, desk: Desk, id: UUID) -> tuple[DispatchQuestion, Opened]:
    """The question and its request, both locked, for one of the request's units."""
    number = await number_of(context, id)
    case = await Opened.of(context, desk, number)
    case.leg_for(None, own=True)
    query = select(DispatchQuestion).where(DispatchQuestion.id == id).with_for_update()
    return (await context.session.scalars(query)).one(), case


def _must_be_fit(request: DispatchRequest) -> None:
    if request.secret:
        raise Conflict("secret-question", "这件提问保密，不能公开。", clauses=(CLAUSE,))
    if request.state not in ANSWERED:
        raise Conflict(
            "question-without-answer",
            f"诉求 {request.number} 没有有效的答复，答复后再公开；不予受理、已并案或已移交的不能公开。",
            clauses=(CLAUSE,),
            state=request.state,
        )


def _must_tell_nobody(context: Context, request: DispatchRequest, wording: Wording) -> None:
    sealed = request.citizen_name, request.citizen_phone
    asked = Asked(*(context.cipher.open(each) if each else None for each in sealed))
    told = [name for name in ("title", "question", "answer") if asked.is_told_by(getattr(wording, name))]
    if told:
        raise Invalid(
            "wording-tells-who",
            "公开的文字中有来电人的姓名、电话或个人的号码，请改写；咨询电话请填写在 phone 中。",
            errors=[FieldError(pointer=f"/{name}", reason="含有个人信息，请改写") for name in told],
            clauses=(CLAUSE,),
        )


def _category(desk: Desk, code: str) -> str:
    known = {each.code: each.name for each in desk.matters.values() if asks(each)}
    if code not in known:
        names = "、".join(f"{code}（{name}）" for code, name in known.items())
        raise Invalid(
            "unknown-matter",
            f"{code} 不是咨询类的事项，常见问题应归入：{names}。",
            errors=[FieldError(pointer="/matter", reason="不是咨询类的事项编码")],
            clauses=(CLAUSE,),
        )
    return code
