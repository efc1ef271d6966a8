"""Notes that are written, changed, listed, announced and remembered."""

import asyncio
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response, UploadFile
from pydantic import Field
from pydantic_settings import SettingsConfigDict
from sqlalchemy import UniqueConstraint, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kit.context import Context
from kit.district.clock import LocalTime
from kit.events.event import Event
from kit.events.subscriptions import CloudEvent
from kit.service import Service
from kit.settings import ServiceSettings
from kit.storage import db
from kit.storage.numbers import next_number
from kit.storage.pending import defer
from kit.web import routes
from kit.web.access import requires
from kit.web.etags import IfMatch, set_etag
from kit.web.ownership import Whose
from kit.web.pages import Page, PageRequest
from kit.web.problems import problems
from kit.web.shapes import Answer, Body
from kit.worker import Job

Reader = Annotated[Context, requires("notebook:read")]
Writer = Annotated[Context, requires("notebook:write")]


class Base(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES


class Note(Base, db.Identified, db.Versioned):
    __tablename__ = "notes"
    __table_args__ = (UniqueConstraint("slot", deferrable=True, initially="DEFERRED"),)

    number: Mapped[str]
    text: Mapped[str]
    rank: Mapped[int]
    amount: Mapped[Decimal]
    day: Mapped[date]
    written_at: Mapped[datetime]
    slot: Mapped[str | None] = mapped_column(default=None)


class NoteWritten(Event, type="notebook.note.written"):
    text: str


class NoteIn(Body, title="便条", example={"text": "买灯泡"}):
    text: str = Field(max_length=1000, description="内容")
    rank: int = Field(default=0, description="次序")
    slot: str | None = Field(default=None, description="位置，不能重复，提交时才检查")
    at: LocalTime | None = Field(default=None, description="时间")
    extra: dict[str, Any] = Field(default={}, description="其他")


class NoteOut(Answer, title="便条"):
    id: UUID
    number: str
    text: str
    rank: int
    day: date
    written_at: LocalTime


router = routes.router("便条")


@router.post("/notes", status_code=201, summary="写便条", description="写一张便条。")
async def write_note(
    body: NoteIn,
    context: Writer,
    response: Response,
    hold: Annotated[float, Query(description="写完后等几秒")] = 0,
    fail: Annotated[bool, Query(description="写完后出错")] = False,
) -> NoteOut:
    """Write a note, tell others, remember it by a job; then wait or fail if asked to."""
    note = await write(context, body)
    defer(context.session, "remember", text=f"job: {body.text}")
    await context.session.flush()
    await asyncio.sleep(hold)
    if fail:
        raise RuntimeError(f"secret internals of {body.text}")
    response.headers["Location"] = f"/notebook/v1/notes/{note.id}"
    set_etag(response, note)
    return NoteOut.of(note)


@router.get("/notes", summary="列出便条", description="按次序分页列出。")
async def list_notes(
    context: Reader,
    paging: PageRequest,
    by: Annotated[str, Query(description="排序")] = "rank",
    descending: Annotated[bool, Query(description="倒序")] = False,
) -> Page[NoteOut]:
    """The notes in order of a column."""
    column = {
        "rank": Note.rank,
        "text": Note.text,
        "amount": Note.amount,
        "day": Note.day,
        "at": Note.written_at,
    }[by]
    rows, following = await paging.fetch(
        context.session, select(Note), column, Note.id, descending=descending
    )
    return Page(items=[NoteOut.of(row) for row in rows], next=following)


@router.get("/notes/{id}", summary="查看便条", description="查看一张便条。", responses=problems(404))
async def read_note(id: UUID, context: Reader, response: Response) -> NoteOut:
    """A note with its ETag."""
    note = await db.found(context.session, Note, id, f"没有便条 {id}。")
    set_etag(response, note)
    return NoteOut.of(note)


@router.put("/notes/{id}", summary="改便条", description="改写一张便条。", responses=problems(404, 412, 428))
async def change_note(
    id: UUID,
    body: NoteIn,
    context: Writer,
    if_match: IfMatch,
    response: Response,
    silent: Annotated[bool, Query(description="不留审计")] = False,
) -> NoteOut:
    """Change a note that the caller has seen; without a lock, so that the version alone decides."""
    note = await db.found(context.session, Note, id, f"没有便条 {id}。")
    if_match.check(note)
    note.text, note.rank = body.text, body.rank
    if not silent:
        context.audit("notebook.note.changed", note.number)
    await context.session.flush()
    set_etag(response, note)
    return NoteOut.of(note)


@router.post("/notes/{id}/borrow", summary="借走便条", description="借走一会儿，别人等不久。")
async def borrow_note(id: UUID, context: Writer, hold: float = 0) -> NoteOut:
    """Lock a note for a while; a second caller loses patience soon."""
    await context.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
    note = await db.locked(context.session, Note, id, f"没有便条 {id}。")
    await asyncio.sleep(hold)
    return NoteOut.of(note)


@router.post("/notes/{id}/only-in-the-district", summary="改区级便条", description="只有本街道可以。")
async def cover(id: UUID, context: Writer, division: str) -> None:
    """Nothing but the check of the caller's division."""
    context.must_cover(division)


@router.post("/notes/{id}/owned", summary="改自己的便条", description="只有所属街道可以。")
async def keep(id: UUID, context: Annotated[Context, requires("notebook:write", whose=Whose.PLACES)]) -> None:
    """Says that notes have owners, and asks nobody whose this one is."""
    await write(context, NoteIn(text="nobody's"))


@router.post("/scans", status_code=201, summary="收扫描件", description="收一份扫描件，写成便条。")
async def take_scan(file: UploadFile, context: Writer) -> NoteOut:
    """Write the file's content as a note."""
    note = await write(context, NoteIn(text=(await file.read()).decode()))
    await context.session.flush()
    return NoteOut.of(note)


async def write(context: Context, told: NoteIn) -> Note:
    """Write a note and tell others."""
    note = Note(
        number=await next_number(context.session, "N", context.today),
        text=told.text,
        rank=told.rank,
        amount=Decimal(told.rank),
        day=context.today,
        written_at=told.at or context.now,
        slot=told.slot,
    )
    context.session.add(note)
    context.record(NoteWritten(text=told.text), note.number)
    return note


async def remember(context: Context, text: str, seconds: float = 0) -> None:
    """Write a note as a job, slowly if asked to."""
    note = Note(number="", text=text, rank=0, amount=Decimal(0), day=context.today, written_at=context.now)
    context.session.add(note)
    await context.session.flush()
    await asyncio.sleep(seconds)


async def spoil(context: Context) -> None:
    """Write a note, then fail."""
    await remember(context, "spoiled")
    raise RuntimeError("spoiled")


async def tick(context: Context) -> None:
    """Write a note at every tick."""
    await remember(context, "tick")


async def hear(context: Context, event: CloudEvent) -> None:
    """Write a note of what another service tells; fail where it tells so."""
    await write(context, NoteIn(text=event.data["text"]))
    if event.data.get("fail"):
        raise RuntimeError("deaf")


class NotebookSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="NOTEBOOK_", extra="ignore")


service = Service(
    name="notebook",
    letter="N",
    title="便条服务",
    description="测试用。",
    settings=NotebookSettings,
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=(router,),
    handlers={"weather.storm.seen": hear},
    jobs={"remember": Job(remember), "spoil": Job(spoil), "tick": Job(tick, cron="* * * * * *")},
)
