"""Tables of the leading groups (P-4.1)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from kit.web.shapes import Choice
from services.office.base import Base


class GroupRole(Choice):
    """What a post is in a leading group (组内职责)."""

    LEADER = "leader", "组长"
    DEPUTY = "deputy", "副组长"
    MEMBER = "member", "成员"


class LeadingGroup(Base, db.Identified, db.Versioned):
    """A leading group with its office and the office's director (领导小组)."""

    __tablename__ = "leading_groups"

    title: Mapped[str] = mapped_column(unique=True)
    document: Mapped[str]
    clause: Mapped[str | None]
    office: Mapped[str]
    office_unit: Mapped[str] = mapped_column(ForeignKey("units.id"))
    office_director: Mapped[str | None]
    entered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    members: Mapped[list["GroupMember"]] = relationship(
        order_by="GroupMember.position", lazy="selectin", cascade="all, delete-orphan"
    )


class GroupMember(Base, db.Identified):
    """A post of a leading group (成员职务), which stays when somebody else comes to hold it."""

    __tablename__ = "leading_group_members"
    __table_args__ = (
        UniqueConstraint("group_id", "post"),
        UniqueConstraint("group_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("role IN ('leader', 'deputy', 'member')", name="role"),
        CheckConstraint("cardinality(units) > 0", name="units"),
        Index("ix_leading_group_members_units", "units", postgresql_using="gin"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("leading_groups.id"))
    position: Mapped[int]
    role: Mapped[GroupRole] = mapped_column(Text)
    post: Mapped[str]
    units: Mapped[list[str]]
    name: Mapped[str | None]
