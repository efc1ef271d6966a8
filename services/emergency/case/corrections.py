"""Corrections of an accident's record: what was entered stays, a correction points at it and says what holds instead."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from kit.web.shapes import Choice
from services.emergency.base import Base
from services.emergency.case.case import Case, IncidentEvent


class CorrectedThing(Choice):
    """What a correction corrects (更正对象)."""

    REPORT = "report", "报告"
    FORCE = "force", "队伍"
    TASK = "task", "任务"
    REFERRAL = "referral", "转办"
    BREACH = "breach", "超时记录"
    ATTACHMENT = "attachment", "附件"


class Correction(Base, db.Identified):
    """What was wrong in the record, what holds instead, and who says so why (更正)."""

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint(
            f"subject in ({','.join(repr(str(each)) for each in CorrectedThing)})", name="subject"
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    subject: Mapped[str]
    which: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]


class Corrected(IncidentEvent, type="emergency.incident.corrected", title="事故记录更正"):
    """Something of the record was corrected: what, and what holds instead."""

    subject: str = Field(description="更正的是哪一类记录")
    which: str = Field(description="更正的是其中哪一条")
    after: dict[str, Any] = Field(description="更正后的内容")
    reason: str = Field(description="更正的理由")


def correct(
    case: Case,
    subject: CorrectedThing,
    which: str,
    change: tuple[dict[str, Any], dict[str, Any]],
    reason: str,
) -> Correction:
    """Keep a correction, and tell it in the timeline (E-4.1e).

    which: as people find it; change: what was entered and what holds instead, JSON.
    """
    before, after = change
    row = Correction(
        id=db.new_id(),
        incident_id=case.incident.id,
        subject=subject.value,
        which=which,
        before=before,
        after=after,
        reason=reason,
        recorded_at=case.now,
        client=case.caller.by,
        client_unit=case.caller.unit,
    )
    case.session.add(row)
    was, now = (
        "，".join(f"{name} {'无' if value is None else value}" for name, value in each.items())
        for each in change
    )
    text = f"更正{subject.zh}“{which}”：{was} 改为 {now}（{reason}）"
    event = Corrected(subject=subject.value, which=which, after=after, reason=reason)
    case.happened("correction", text, "E-4.1e", event=event)
    return row


async def corrections_of(case: Case) -> list[Correction]:
    """The corrections of an accident's record, in the order in which they were made."""
    query = select(Correction).where(Correction.incident_id == case.incident.id).order_by(Correction.id)
    return list(await case.session.scalars(query))
