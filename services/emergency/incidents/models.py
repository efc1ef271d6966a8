"""Tables of what is told of an accident: every report as it came, steps of the route, what was found amiss."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.emergency.base import Base
from services.emergency.plan.accidents.report_fields import ReportKind


class IncidentReport(Base, db.Identified):
    """A report as it came (事故报告), kept for ever, with the grade and level that held after it.

    occurred_at: when what it tells was so; received_at: when the district had it; of_unit: the unit where it happened
    tells it; unread: what could not be read, by field; withdrawn: facts that a correction has taken back.
    """

    __tablename__ = "incident_reports"
    __table_args__ = (
        UniqueConstraint("incident_id", "seq"),
        CheckConstraint("kind in ('first','follow_up','written','closing')", name="kind"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    channel: Mapped[str]
    reporter: Mapped[str | None]
    reporter_name: Mapped[bytes | None]
    reporter_phone: Mapped[bytes | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    of_unit: Mapped[bool]
    facts: Mapped[dict[str, Any]]
    unread: Mapped[dict[str, Any]] = mapped_column(default=dict)
    withdrawn: Mapped[list[str]] = mapped_column(default=list)
    grade: Mapped[str]
    response_level: Mapped[str]

    @property
    def clause(self) -> str:
        """What a report of its kind rests on."""
        return ReportKind(self.kind).clause


class RouteStep(Base):
    """A step of the reporting route that was done (报送环节, E-4.1c); the timeline says who entered it."""

    __tablename__ = "route_steps"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    received_by: Mapped[str | None]
    done_at: Mapped[datetime]


class Finding(Base, db.Identified):
    """A late, omitted, false or concealed report, with its evidence (报告违规记录, E-4.1g)."""

    __tablename__ = "findings"
    __table_args__ = (CheckConstraint("kind in ('late','omitted','false','concealed')", name="kind"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[str]
    about: Mapped[str]
    evidence: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]
