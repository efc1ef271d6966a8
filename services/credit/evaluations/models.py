"""Tables of evaluations, their results and the objections to them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from kit.web.moves import Moves
from kit.web.ownership import Belonging
from services.credit.base import Base
from services.credit.companies.models import Company
from services.credit.course import Course
from services.credit.plan.evaluation import EVALUATION, LEAD, OBJECTION

_STANDS = text("state <> 'cancelled'")


def _states(moves: Moves) -> str:
    return ",".join(f"'{each}'" for each in moves.states)


class Evaluation(Base, db.Identified):
    """The evaluation of all companies and projects for a period (信用评价), both days of it, as of its last day.

    entered_to: the number up to which information takes part, fixed when the results are published, since a company can
    object to nothing that it has not seen; known_to: up to which what was said of that information later is known.
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        CheckConstraint(f"state in ({_states(EVALUATION)})", name="state"),
        CheckConstraint("ends_on > begins_on", name="period"),
        CheckConstraint("state in ('opened','cancelled') or known_to is not null", name="computed"),
        CheckConstraint("entered_to <= known_to", name="bounds"),
        CheckConstraint("(entered_to is null) = (known_to is null)", name="known"),
        CheckConstraint(
            "state in ('opened','computed','cancelled') or (published_on is not null and objections_until >= published_on)",
            name="published",
        ),
        CheckConstraint("(state in ('final','listed')) = (final_on is not null)", name="final"),
        CheckConstraint("(state = 'listed') = (listed_on is not null)", name="listed"),
        Index("uq_evaluations_begins_on", "begins_on", unique=True, postgresql_where=_STANDS),
        Index("uq_evaluations_ends_on", "ends_on", unique=True, postgresql_where=_STANDS),
    )

    begins_on: Mapped[date]
    ends_on: Mapped[date]
    scheme: Mapped[str] = mapped_column(ForeignKey("schemes.code"))
    state: Mapped[str]
    entered_to: Mapped[int | None] = mapped_column(BigInteger)
    known_to: Mapped[int | None] = mapped_column(BigInteger)
    computed_at: Mapped[datetime | None]
    published_on: Mapped[date | None]
    objections_until: Mapped[date | None]
    final_on: Mapped[date | None]
    listed_on: Mapped[date | None]


class Result(Base):
    """What a company or project came to in an evaluation (评价结果); frozen once the evaluation is final."""

    __tablename__ = "results"
    __table_args__ = (
        CheckConstraint("listed in ('red','black')", name="listed"),
        Index("ix_results_company_id", "company_id", "evaluation_id"),
    )

    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    subject: Mapped[UUID] = mapped_column(primary_key=True)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    uscc: Mapped[str | None]
    score: Mapped[Decimal]
    grade: Mapped[str]
    base: Mapped[Decimal]
    good: Mapped[Decimal]
    bad: Mapped[Decimal]
    serious: Mapped[Decimal]
    vetoed: Mapped[bool]
    listed: Mapped[Literal["red", "black"] | None] = mapped_column(Text)


class Objection(Base, db.Identified):
    """A company's objection to its result, or to one record behind it (异议); due_on: by when it is decided."""

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint("state in ('filed','upheld','rejected')", name="state"),
        # One objection to a record, and one to the result as such.
        UniqueConstraint("evaluation_id", "company_id", "record_id", postgresql_nulls_not_distinct=True),
        Index("ix_objections_filed", "due_on", postgresql_where=text("state = 'filed'")),
    )

    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id"))
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    record_id: Mapped[UUID | None] = mapped_column(ForeignKey("records.id"))
    reason: Mapped[str]
    filed_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[str]
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Lead(Base, db.Identified):
    """What a request or a pattern of requests says of a company's credit (信用线索), until it is decided what comes of it.

    request: of the hotline; pattern: that a service noticed; record_id: what a request objects to, None: the result;
    received_at: decides whether an objection is in time; evidence_of_id: the record that the lead became evidence of.
    """

    __tablename__ = "leads"
    __table_args__ = (
        CheckConstraint(f"state in ({_states(LEAD)})", name="state"),
        CheckConstraint("(request is null) <> (pattern is null)", name="origin"),
        CheckConstraint("record_id is null or request is not null", name="objects"),
        CheckConstraint("(state = 'received') = (decided_at is null)", name="decided"),
        CheckConstraint("(decided_at is null) = (decision is null)", name="decision"),
        CheckConstraint("(state = 'filed') = (objection_id is not null)", name="filed"),
        CheckConstraint("(state = 'recorded') = (evidence_of_id is not null)", name="recorded"),
        Index("ix_leads_received", "received_at", postgresql_where=text("state = 'received'")),
    )

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"), index=True)
    request: Mapped[str | None] = mapped_column(unique=True)
    pattern: Mapped[UUID | None] = mapped_column(unique=True)
    matter: Mapped[str]
    record_id: Mapped[UUID | None] = mapped_column(ForeignKey("records.id"))
    reason: Mapped[str]
    received_at: Mapped[datetime]
    state: Mapped[str]
    objection_id: Mapped[UUID | None] = mapped_column(ForeignKey("objections.id"), unique=True)
    evidence_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("records.id"))
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]


_USCC = select(Company.uscc).where(Company.id == Objection.company_id).scalar_subquery()
_USCC_OF_LEAD = select(Company.uscc).where(Company.id == Lead.company_id).scalar_subquery()
LEADS = Course("lead", Lead, LEAD, Belonging(company=_USCC_OF_LEAD), "没有这家企业。")
OBJECTIONS = Course("objection", Objection, OBJECTION, Belonging(company=_USCC), "没有这家企业。")
#: An evaluation is the district's.
EVALUATIONS = Course("evaluation", Evaluation, EVALUATION, Belonging(), "没有这次评价。")
