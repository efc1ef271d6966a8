"""Tables of projects and of who held them, as the property service tells of them."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from kit.storage.exclusion import one_at_a_time
from services.credit.base import Base


class Project(Base):
    """A residential or commercial project under evaluation (服务项目) (P-2.3.2b)."""

    __tablename__ = "projects"
    __table_args__ = (CheckConstraint("kind in ('residential','commercial')", name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    street: Mapped[str] = mapped_column(index=True)


class Holding(Base, db.Identified):
    """A company's time with a project (在管期间), both days of it, and the project's area in square metres then.

    area: None where no area is known; the mean over projects stands in for it.
    """

    __tablename__ = "holdings"
    __table_args__ = (
        CheckConstraint("ends_on >= begins_on", name="order"),
        CheckConstraint("area > 0", name="area"),
        one_at_a_time("holdings_project_id", "project_id"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    area: Mapped[Decimal | None]
