"""Tables of command on site: who commands, the field headquarters and its groups, forces, withdrawal, plans."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.emergency.base import Base
from services.emergency.plan.command import Commander


class Tenure(Base, db.Identified):
    """Who commands from when to when (指挥任期). At every moment exactly one does (E-4.5b)."""

    __tablename__ = "command_tenures"
    __table_args__ = (
        Index("uq_command_tenures_now", "incident_id", unique=True, postgresql_where="until IS NULL"),
        CheckConstraint("commander in ('company','district','higher')", name="commander"),
        CheckConstraint("until >= since", name="order"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    commander: Mapped[str]
    name: Mapped[str | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    @property
    def commander_zh(self) -> str:
        """Who commands, as people read it."""
        return Commander(self.commander).zh


class HandOver(Base, db.Identified):
    """Command offered with a briefing, then taken or declined (指挥权移交)."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        Index("uq_hand_overs_open", "incident_id", unique=True, postgresql_where="state = 'offered'"),
        CheckConstraint("state in ('offered','taken','declined')", name="state"),
        CheckConstraint("(state = 'offered') = (answered_at is null)", name="answered"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    giver: Mapped[str]
    taker: Mapped[str]
    briefing: Mapped[dict[str, Any]]
    state: Mapped[str]
    offered_at: Mapped[datetime]
    offered_by: Mapped[str]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    remark: Mapped[str | None]


class FieldHeadquarters(Base):
    """The field headquarters of an accident (现场指挥部): where it stands, and from where the wind blows."""

    __tablename__ = "field_headquarters"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    commander_name: Mapped[str | None]
    place: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    wind_from: Mapped[float | None]
    assembly_point: Mapped[str | None]
    supply_point: Mapped[str | None]
    press_centre: Mapped[str | None]
    set_up_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class FieldGroup(Base):
    """A group of a field headquarters that was set up (工作组); who leads it and what it does is in the plan."""

    __tablename__ = "field_groups"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("field_headquarters.incident_id"), primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    set_up_at: Mapped[datetime]


class Force(Base, db.Identified):
    """A force on site (队伍), and how many of it are in the danger zone: never below none, nor above it."""

    __tablename__ = "forces"
    __table_args__ = (
        CheckConstraint("persons >= 1", name="persons"),
        CheckConstraint("in_zone >= 0 and in_zone <= persons", name="in_zone"),
        CheckConstraint("checked_out_at is null or in_zone = 0", name="out"),
        Index(
            "uq_forces_on_site", "incident_id", "name", unique=True, postgresql_where="checked_out_at IS NULL"
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    name: Mapped[str]
    kind: Mapped[str]
    unit: Mapped[str | None]
    persons: Mapped[int]
    equipment: Mapped[str | None]
    leader: Mapped[str | None]
    checked_in_at: Mapped[datetime]
    checked_out_at: Mapped[datetime | None]
    in_zone: Mapped[int] = mapped_column(default=0)


class Withdrawal(Base, db.Identified):
    """An order to withdraw (撤离命令), in force until it is lifted (E-4.5d)."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        Index("uq_withdrawals_in_force", "incident_id", unique=True, postgresql_where="lifted_at IS NULL"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    reason: Mapped[str]
    ordered_at: Mapped[datetime]
    ordered_by: Mapped[str]
    lifted_at: Mapped[datetime | None]


class WithdrawalNotice(Base):
    """The order as addressed to a force (撤离命令送达), and its acknowledgement."""

    __tablename__ = "withdrawal_notices"

    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("withdrawals.id"), primary_key=True)
    force_id: Mapped[UUID] = mapped_column(ForeignKey("forces.id"), primary_key=True)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]


class ResponsePlan(Base, db.Identified):
    """A version of the response plan (处置方案): drafted with experts, confirmed by the field (E-4.6)."""

    __tablename__ = "response_plans"
    __table_args__ = (
        UniqueConstraint("incident_id", "version"),
        CheckConstraint("state in ('drafted','confirmed','superseded')", name="state"),
        Index(
            "uq_response_plans_confirmed", "incident_id", unique=True, postgresql_where="state = 'confirmed'"
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    version: Mapped[int]
    text: Mapped[str]
    experts: Mapped[str | None]
    state: Mapped[str]
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]


class Evidence(Base, db.Identified):
    """A thing of the scene that had to be moved (移动的现场物体), and how its place was recorded (E-4.6)."""

    __tablename__ = "evidence"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"), index=True)
    what: Mapped[str]
    why: Mapped[str]
    stood_at: Mapped[str]
    moved_to: Mapped[str]
    recorded_how: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    client: Mapped[str]
