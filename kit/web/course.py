"""What goes its way step by step: a row whose state follows a table of moves, and every step that it took."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from kit.context import Context
from kit.district.clock import LocalTime
from kit.events.event import Event
from kit.storage import db
from kit.web.moves import Moves
from kit.web.ownership import Belonging
from kit.web.shapes import Answer, Body, Text


class StepRow(db.Identified):
    """A step that something took (办理过程), of which each service has a table; `seen`: what was known when it was taken."""

    subject_id: Mapped[UUID] = mapped_column(index=True)
    action: Mapped[str]
    state: Mapped[str]
    note: Mapped[str | None]
    seen: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    client: Mapped[str]
    unit: Mapped[str | None]


class StepTold(Event):
    """Something that goes step by step was begun, or went a step further; each service has a type of its own."""

    kind: str = Field(description="种类，见各服务的说明")
    subject: UUID = Field(description="登记编号")
    action: str = Field(description="所作的操作；开始时为 open")
    state: str = Field(description="操作后的状态")


class NoteIn(Body, title="办理说明", example={"note": "已到现场，情况属实，已当面告知。"}):
    """What was done, in words (办理说明)."""

    note: Text = Field(description="办理情况说明")


class CourseStepOut(Answer, title="办理步骤"):
    """A step that was taken (办理步骤)."""

    at: LocalTime = Field(description="办理时间")
    action: str = Field(description="操作；open 为开始", examples=["open"])
    state: str = Field(description="办理后的状态", examples=["found"])
    note: str | None = Field(description="说明", examples=["已当面告知业主，业主拒不清理"])
    seen: dict[str, Any] = Field(
        description="办理时所见的其他情况", examples=[{"unit": "fire-rescue-brigade"}]
    )
    client: str = Field(description="办理者：系统的客户端编号，或操作人的姓名和单位", examples=["operator"])
    unit: str | None = Field(description="办理单位", examples=["housing-centre"])


@dataclass(frozen=True)
class Course:
    """How rows of a table go their way: by which moves, and whose they are.

    step_row, told: the service's table of steps, and its event; kind: what events call the rows; place: the sentence of
    something that a row would begin at and that is not the caller's.
    """

    step_row: type[Any]
    told: type[StepTold]
    kind: str
    model: type[Any]
    moves: Moves
    belongs: Belonging
    place: str

    @property
    def missing(self) -> str:
        """The sentence of an id that no row has."""
        return f"没有这项{self.moves.noun}，请核对编号。"

    async def read(self, context: Context, id: UUID) -> Any:
        """The row, to be shown. Raises: NotFound."""
        row = await db.found(context.session, self.model, id, self.missing)
        await context.must_hold(self.belongs, self.model.id == id, self.missing)
        return row

    async def lock(self, context: Context, id: UUID) -> Any:
        """The row, locked, for a caller whose it is. Raises: NotFound."""
        row = await db.locked(context.session, self.model, id, self.missing)
        await context.must_hold(self.belongs, self.model.id == id, self.missing)
        return row

    async def begin(self, context: Context, row: Any, **seen: Any) -> None:
        """Write a row that begins its way, for a caller whose it is then. Raises: NotFound."""
        context.session.add(row)
        await context.session.flush()
        await context.must_hold(self.belongs, self.model.id == row.id, self.place)
        self.keep(context, row, "open", None, seen)

    def step(self, context: Context, row: Any, action: str, note: str | None = None, **seen: Any) -> None:
        """Take a locked row a step further.

        Raises: Forbidden; Conflict naming the clause and what is allowed.
        """
        row.state = self.moves.check(row.state, action, context.caller).target
        self.keep(context, row, action, note, seen)

    def keep(self, context: Context, row: Any, action: str, note: str | None, seen: dict[str, Any]) -> None:
        """Keep a step that a row has taken: its state is already the one after it."""
        caller = context.caller
        step = self.step_row(
            subject_id=row.id,
            action=action,
            state=row.state,
            note=note,
            seen=seen,
            at=context.now,
            client=caller.by,
            unit=caller.unit,
        )
        context.session.add(step)
        event = self.told(kind=self.kind, subject=row.id, action=action, state=row.state)
        context.record(event, str(row.id))

    async def steps(self, context: Context, row: Any) -> list[CourseStepOut]:
        """What was done, in order."""
        step = self.step_row
        query = select(step).where(step.subject_id == row.id).order_by(step.at, step.id)
        return [CourseStepOut.of(step) for step in await context.session.scalars(query)]
