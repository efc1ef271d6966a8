"""Tables of an accident: what is known of it, every report as it came, its clocks, and what was found amiss."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from services.emergency.base import Base
from services.emergency.incidents.deadlines import AccidentKind, Deadline, Since, Times
from services.emergency.incidents.rules import Facts, Grade, ResponseLevel

#: The measures of an accident that a report gives or corrects, as they are called everywhere.
HARM = (
    "deaths",
    "serious_injuries",
    "endangered",
    "missing",
    "direct_loss_yuan",
    "beyond_company_capacity",
    "beyond_district_capacity",
)
#: The other facts of a report that have a column of their own.
PLACED = ("unit", "place", "division", "supervisor", "occurred_at", "unit_informed_at")

_GRADES = ",".join(f"'{grade}'" for grade in Grade)
_LEVELS = ",".join(f"'{level}'" for level in ResponseLevel)


class Incident(Base, db.Identified):
    """An accident, as the newest of its reports tell it. `said`: the reports' facts without a column.

    Whoever writes to an incident, or to anything that hangs on it, holds the lock of its row.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("deaths >= 0", name="deaths"),
        CheckConstraint("serious_injuries >= 0", name="serious_injuries"),
        CheckConstraint("endangered >= 0", name="endangered"),
        CheckConstraint("missing >= 0", name="missing"),
        CheckConstraint("direct_loss_yuan >= 0", name="direct_loss"),
        CheckConstraint("unit is not null or place is not null", name="somewhere"),
        CheckConstraint(f"grade in ({_GRADES})", name="grade"),
        CheckConstraint(f"response_level in ({_LEVELS})", name="response_level"),
        Index("ix_incidents_recorded_at_id", "recorded_at", "id"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    exercise: Mapped[bool]
    kind: Mapped[str]
    division: Mapped[str | None] = mapped_column(index=True)
    supervisor: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    unit: Mapped[str | None]
    place: Mapped[str | None]
    occurred_at: Mapped[datetime | None]
    unit_informed_at: Mapped[datetime | None]
    first_known_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    deaths: Mapped[int | None]
    serious_injuries: Mapped[int | None]
    endangered: Mapped[int | None]
    missing: Mapped[int | None]
    direct_loss_yuan: Mapped[Decimal | None] = mapped_column(db.Money)
    beyond_company_capacity: Mapped[bool | None]
    beyond_district_capacity: Mapped[bool | None]
    headquarters_decides_iii: Mapped[bool] = mapped_column(default=False)
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)
    grade: Mapped[str]
    response_level: Mapped[str]
    special_plan: Mapped[str | None]
    referred_to: Mapped[str | None]
    investigation_received_at: Mapped[datetime | None]
    investigation_approved_at: Mapped[datetime | None]
    appraisal_days: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    timeline_seq: Mapped[int] = mapped_column(default=0)
    timeline_hash: Mapped[str]

    @property
    def facts(self) -> Facts:
        """What is known, for grading. Persons missing are in danger, and count as no death (E-4.3)."""
        return Facts(
            deaths=self.deaths or 0,
            serious_injuries=self.serious_injuries or 0,
            direct_loss_yuan=self.direct_loss_yuan or Decimal("0.00"),
            endangered=(self.endangered or 0) + (self.missing or 0),
            beyond_company_capacity=bool(self.beyond_company_capacity),
            beyond_district_capacity=bool(self.beyond_district_capacity),
            headquarters_decides_iii=self.headquarters_decides_iii,
        )

    @property
    def known(self) -> dict[str, object]:
        """Every fact by name; None where it is not known."""
        return dict(self.said) | {name: getattr(self, name) for name in (*HARM, *PLACED)}

    @property
    def accident_kind(self) -> AccidentKind:
        return AccidentKind(self.kind)

    def times(self, rows: "list[IncidentDeadline]") -> Times:
        """What is known of when, with what its deadlines' rows say."""
        return Times(
            first_known_at=self.first_known_at,
            occurred_at=self.occurred_at,
            unit_informed_at=self.unit_informed_at,
            investigation_received_at=self.investigation_received_at,
            investigation_approved_at=self.investigation_approved_at,
            done={row.deadline: row.done_at for row in rows if row.done_at is not None},
            extended_days={row.deadline: row.extended_days for row in rows},
            owed_since={row.deadline: row.owed_since for row in rows if row.owed_since is not None},
            appraisal_days=self.appraisal_days,
        )


class IncidentReport(Base, db.Identified):
    """A report as it came, kept for ever, with the grade and level that held after it."""

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
    recorded_at: Mapped[datetime]
    client: Mapped[str]
    client_unit: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    grade: Mapped[str]
    response_level: Mapped[str]


class IncidentDeadline(Base):
    """A deadline of an accident (data/deadlines.yaml). `running`: false once the grade no longer asks for it.

    `owed_since`: when the grade rose so far that it was asked for, where it was not from the beginning.
    `reminded_for`: the due time for which its approach was announced.
    """

    __tablename__ = "incident_deadlines"
    __table_args__ = (
        Index(
            "ix_incident_deadlines_open",
            "remind_at",
            postgresql_where='running AND done_at IS NULL AND NOT "window"',
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    deadline: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    asks: Mapped[str]
    owner: Mapped[str]
    since: Mapped[str]
    started_at: Mapped[datetime]
    due: Mapped[datetime]
    remind_at: Mapped[datetime]
    provisional: Mapped[bool]
    window: Mapped[bool]
    clause: Mapped[str]
    law: Mapped[str | None]
    article: Mapped[str | None]
    running: Mapped[bool] = mapped_column(default=True)
    done_at: Mapped[datetime | None]
    extended_days: Mapped[int] = mapped_column(default=0)
    owed_since: Mapped[datetime | None]
    reminded_for: Mapped[datetime | None]

    @property
    def rule(self) -> Deadline:
        """The row as the rules know it."""
        return Deadline(
            id=self.deadline,
            asks=self.asks,
            owner=self.owner,
            since=Since(self.since),
            started_at=self.started_at,
            due=self.due,
            remind_at=self.remind_at,
            provisional=self.provisional,
            window=self.window,
            clause=self.clause,
            law=self.law,
            article=self.article,
        )


class Breach(Base, db.Identified):
    """A deadline that was missed. Nothing that arrives later takes it back (E-4.1a)."""

    __tablename__ = "breaches"
    __table_args__ = (UniqueConstraint("incident_id", "deadline", "due"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    deadline: Mapped[str]
    due: Mapped[datetime]
    since: Mapped[str]
    provisional: Mapped[bool]
    found_at: Mapped[datetime]
    clause: Mapped[str]


class RouteStep(Base):
    """A hop of the reporting route that was done (E-4.1c)."""

    __tablename__ = "route_steps"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    hop: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    receiver: Mapped[str | None]
    note: Mapped[str | None]
    done_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]


class Finding(Base, db.Identified):
    """A late, omitted, false or concealed report, with its evidence (E-4.1g)."""

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
