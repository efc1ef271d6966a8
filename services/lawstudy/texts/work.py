"""What happens to a session's text: handed in as an exact file, reviewed, and in time or not (L-7a, L-7c, N-2.1)."""

import re
from datetime import datetime
from uuid import UUID

from fastapi import UploadFile
from sqlalchemy import ColumnElement, Interval, Select, case, cast, select

from kit.context import Context
from kit.district import units
from kit.district.named_units import unit_of
from kit.storage import db
from kit.storage.files.kinds import DOCUMENTS
from kit.web.kinds import legible
from kit.web.problems import Conflict, FieldError, Forbidden, Invalid
from services.lawstudy.plan.lead_times import LAST_SECOND, Standing
from services.lawstudy.plan.sessions import HAVING_TEXT, SESSION
from services.lawstudy.sessions.models import SESSIONS, Session
from services.lawstudy.texts.models import StudyText


async def submit(context: Context, id: UUID, file: UploadFile, local: str | None, limit: int) -> StudyText:
    """Hand in a text for a session: an exact file, written to its end before anything says so (L-7a).

    limit: bytes at most. The same bytes again change nothing; others take the place of what was handed in, and void what
    was passed. Raises: NotFound; Forbidden for another unit; Conflict; Invalid; TooLarge; Full.
    """
    # Before the file is kept, so that who may not hand it in leaves nothing behind.
    row: Session = await SESSIONS.lock(context, id)
    SESSION.check(row.state, "submit", context.caller)
    _refuse_others(context, row)
    if row.form == "pre_meeting" and local is None:
        raise Invalid(
            "no-local-part",
            "会前学法的材料要写明法律主要规定在本区的贯彻落实情况，请填写这部分的要点。",
            errors=[FieldError(pointer="/local", reason="没有填写")],
            clauses=("L-7a",),
        )
    kept = await context.files.keep(file, limit=limit, kinds=DOCUMENTS)
    newest = await newest_of(context, row)
    if newest is not None and newest.sha256 == kept.sha256 and row.state in HAVING_TEXT:
        return newest
    if newest is not None and newest.outcome == "waiting":
        newest.outcome = "replaced"
    text = StudyText(
        id=db.new_id(),
        session_id=row.id,
        sha256=kept.sha256,
        name=_name(file.filename or "", kept.extension),
        media_type=kept.media_type,
        size=kept.size,
        local=local,
        submitted_at=context.now,
        client=context.caller.by,
        client_unit=unit_of(context.caller) or context.caller.unit,
        outcome="waiting",
    )
    context.session.add(text)
    voided = row.passed_sha256
    row.passed_sha256 = row.passed_at = None
    SESSIONS.step(context, row, "submit", None, sha256=kept.sha256, voided=voided)
    return text


def _name(typed: str, extension: str) -> str:
    """What a file is given back as: without folders, and with the ending of what it is."""
    last = re.split(r"[/\\]", legible(typed))[-1].strip()
    stem = last.rpartition(".")[0] or last or "学法材料"
    return f"{stem[:180]}.{extension}"


def _refuse_others(context: Context, row: Session) -> None:
    """Only the session's own unit hands in its text; of a lecture that nobody is named for, any department or the bureau."""
    own = unit_of(context.caller)
    if context.caller.division is not None or (row.unit is not None and own != row.unit):
        holder = units.unit(row.unit).name if row.unit else "区司法局或责任部门"
        raise Forbidden(
            "not-the-responsible-unit", f"这次学法的材料由{holder}提交。", clauses=("L-7a", "L-7b")
        )


async def newest_of(context: Context, row: Session) -> StudyText | None:
    """The text of a session: the one handed in last."""
    query = select(StudyText).where(StudyText.session_id == row.id).order_by(StudyText.id.desc()).limit(1)
    found: StudyText | None = await context.session.scalar(query)
    return found


async def _reviewed(context: Context, id: UUID) -> tuple[Session, StudyText]:
    row: Session = await SESSIONS.lock(context, id)
    text = await newest_of(context, row)
    if text is None:
        raise SESSION.refusal(row.state, "review", context.caller)
    return row, text


async def review(context: Context, id: UUID) -> Session:
    """Take up the review of a text (L-7c). Raises: NotFound; Conflict."""
    row: Session = await SESSIONS.lock(context, id)
    SESSIONS.step(context, row, "review")
    return row


async def give_back(context: Context, id: UUID, opinion: str) -> Session:
    """Return a text to be mended (L-7c). Raises: NotFound; Conflict."""
    row, text = await _reviewed(context, id)
    SESSIONS.step(context, row, "return", opinion, sha256=text.sha256)
    text.outcome, text.opinion, text.reviewed_at = "returned", opinion, context.now
    return row


async def let_pass(context: Context, id: UUID, sha256: str, opinion: str | None) -> Session:
    """Pass a text: the exact file that was read (L-7c). Raises: NotFound; Conflict where another has come in meanwhile."""
    row, text = await _reviewed(context, id)
    SESSION.check(row.state, "pass", context.caller)
    if text.sha256 != sha256.lower():
        raise Conflict(
            "another-text",
            "提交的材料与您审核的不是同一个文件，请下载最新的材料重新审核。",
            errors=[FieldError(pointer="/sha256", reason="与最新的材料不同")],
            clauses=("L-7c",),
        )
    row.passed_sha256, row.passed_at = text.sha256, context.now
    SESSIONS.step(context, row, "pass", opinion, sha256=text.sha256)
    text.outcome, text.opinion, text.reviewed_at = "passed", opinion, context.now
    return row


def standing_of(now: datetime) -> ColumnElement[str]:
    """How it stands with the texts of sessions, as `plan.lead_times.standing` says of one."""
    passed, due = Session.passed_at, Session.text_due_at
    return case(
        (passed.is_not(None) & (passed < due + cast(LAST_SECOND, Interval)), Standing.IN_TIME.value),
        (passed.is_not(None), Standing.LATE.value),
        (due <= now - LAST_SECOND, Standing.MISSING.value),
        else_=Standing.OPEN.value,
    )


def owed() -> Select[Session]:
    """The sessions whose text is due at some time (N-2.1)."""
    return select(Session).where(Session.text_due_at.is_not(None), Session.state != "cancelled")
