"""An accident, as the newest of its reports tell it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from kit.web.ownership import UNKNOWN, Belonging, Owner
from services.emergency.base import Base, Marked
from services.emergency.plan.accidents.deadlines import AccidentKind
from services.emergency.plan.accidents.grading import Facts, Grade, ResponseLevel

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
PLACED = (
    "unit",
    "place",
    "division",
    "supervisor",
    "occurred_at",
    "unit_informed_at",
    "kind",
    "latitude",
    "longitude",
)
#: What stands for the place until it is asked; a citizen's own words are told in the report alone.
UNKNOWN_PLACE = "地点待核实（12345 来电）"
#: How a file ended: an accident, none, or one that is dealt with in another file.
OUTCOMES = ("accident", "not_an_accident", "duplicate")

_OUTCOMES = ",".join(f"'{outcome}'" for outcome in OUTCOMES)
_GRADES = ",".join(f"'{grade}'" for grade in Grade)
_LEVELS = ",".join(f"'{level}'" for level in ResponseLevel)


class Incident(Base, Marked, db.Identified):
    """An accident (事故), as the newest of its reports tell it. `said`: the reports' facts without a column.

    unread: what was told and could not be read, by fact; verified_until: the reports that came until then are verified;
    unit: where it happened, as it is told; company: its unified social credit code, once it is known; request: number of the
    hotline's request that told of it.

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
        CheckConstraint("(closed_at is null) = (outcome is null)", name="outcome"),
        CheckConstraint(f"outcome in ({_OUTCOMES})", name="outcome_kind"),
        CheckConstraint("(outcome = 'duplicate') = (joined_into is not null)", name="joined"),
        CheckConstraint("joined_into <> number", name="joined_to_another"),
        Index("ix_incidents_recorded_at_id", "recorded_at", "id"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    division: Mapped[str | None] = mapped_column(index=True)
    supervisor: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    unit: Mapped[str | None]
    company: Mapped[str | None] = mapped_column(index=True)
    place: Mapped[str | None]
    occurred_at: Mapped[datetime | None]
    unit_informed_at: Mapped[datetime | None]
    first_known_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    verified_until: Mapped[datetime | None]
    deaths: Mapped[int | None]
    serious_injuries: Mapped[int | None]
    endangered: Mapped[int | None]
    missing: Mapped[int | None]
    direct_loss_yuan: Mapped[Decimal | None] = mapped_column(db.Money)
    beyond_company_capacity: Mapped[bool | None]
    beyond_district_capacity: Mapped[bool | None]
    headquarters_decides_iii: Mapped[bool] = mapped_column(default=False)
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)
    unread: Mapped[dict[str, Any]] = mapped_column(default=dict)
    grade: Mapped[str]
    response_level: Mapped[str]
    special_plan: Mapped[str | None]
    request: Mapped[str | None] = mapped_column(index=True)
    referred_to: Mapped[str | None]
    investigation_received_at: Mapped[datetime | None]
    investigation_approved_at: Mapped[datetime | None]
    appraisal_days: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    joined_into: Mapped[str | None] = mapped_column(ForeignKey("incidents.number"), index=True)
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
    def has_casualties(self) -> bool:
        """Whether anybody is known to be dead, missing or injured, however slightly."""
        hurt = (self.deaths, self.missing, self.serious_injuries, self.said.get("minor_injuries"))
        return any(hurt)

    @property
    def began_at(self) -> datetime:
        """The earliest moment that is known of it: nothing in it happened before."""
        told = (self.occurred_at, self.unit_informed_at, self.first_known_at, self.recorded_at)
        return min(each for each in told if each is not None)

    @property
    def owner(self) -> Owner:
        """Whose it is: of the street where it happened, once that is known, and of the company."""
        return Owner(self.division or UNKNOWN, self.company)

    @property
    def known(self) -> dict[str, object]:
        """Every fact by name; None where it is not known."""
        return dict(self.said) | {name: getattr(self, name) for name in (*HARM, *PLACED)}

    @property
    def accident_kind(self) -> AccidentKind:
        return AccidentKind(self.kind)


#: Whose accidents are; one whose street is not known yet is no street's.
BELONGING = Belonging(division=Incident.division, company=Incident.company, shared=False)
