"""The tables of citizens' requests, which every service's database has."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kit.personal.phones import digits
from kit.storage import db
from kit.storage.tables import KitTable

#: How a request may have ended; until then its state follows from its legs.
ENDS = ("closed", "declined", "merged", "transferred")
#: Of these, those that need no answer: nothing is late any more.
DROPPED = ("declined", "merged", "transferred")
#: What their indexes know requests by: those with which somebody must act, and those that are or can come late.
IS_OPEN = (
    "state in ('received', 'accepted', 'answered') or appeals > 0"
    " or (state = 'closed' and (solved is false or satisfied is false))"
    " or (state in ('declined', 'merged') and (reached is not true"
    " or (explained_at is null and (solved is false or satisfied is false))))"
)
MAY_BE_LATE = (
    "coalesce(answered_at, paused_at, 'infinity'::timestamptz) > due_at"
    " and state not in ('declined', 'merged', 'transferred')"
)
#: Legs that count no more: the request went on without their unit.
PAST_LEGS = ("returned", "released")


class DispatchRequest(KitTable, db.Identified, db.Versioned):
    """A citizen's request that was handed in to this service.

    client: who handed it in; urgency: as it is treated; alarm: words of an accident that the text holds; grams: the pairs of
    letters that a search looks for; state: follows from the legs until it has ended; units, returns, redos: how many units
    had it, how often one gave it back, how often it was redone; raised, rungs: how far, and for which of these by itself;
    appeals: those not decided; due_at, answered_at, paused_at: of its legs together; explained_at: when
    a citizen who was not satisfied with how it ended was told why.
    """

    __tablename__ = "dispatch_requests"
    __table_args__ = (
        UniqueConstraint("source", "external_number"),
        UniqueConstraint("id", "secret"),  # so that what refers to both knows what is secret
        Index("ix_dispatch_requests_received_at_id", "received_at", "id"),
        Index("ix_dispatch_requests_updated_at_id", "updated_at", "id"),
        Index("ix_dispatch_requests_matter_received_at_id", "matter", "received_at", "id"),
        Index("ix_dispatch_requests_unit_received_at_id", "unit", "received_at", "id"),
        Index("ix_dispatch_requests_division_received_at_id", "division", "received_at", "id"),
        Index("ix_dispatch_requests_compound_received_at_id", "compound", "received_at", "id"),
        Index("ix_dispatch_requests_state_received_at_id", "state", "received_at", "id"),
        Index("ix_dispatch_requests_grams", "grams", postgresql_using="gin"),
        Index("ix_dispatch_requests_closed_at", "closed_at"),
        Index("ix_dispatch_requests_open", "received_at", "id", postgresql_where=text(IS_OPEN)),
        Index("ix_dispatch_requests_late", "received_at", "id", postgresql_where=text(MAY_BE_LATE)),
        CheckConstraint(
            "state in ('received','accepted','answered','closed','declined','merged','transferred')",
            name="state",
        ),
        CheckConstraint("urgency in ('normal','urgent','emergency')", name="urgency"),
        CheckConstraint("(state = 'merged') = (merged_into is not null)", name="merged"),
        CheckConstraint("(state = 'transferred') = (transferred_to is not null)", name="transferred"),
        CheckConstraint("(longitude is null) = (latitude is null)", name="point"),
        CheckConstraint(
            "unreasonable_by is distinct from declined_by or unreasonable_by is null", name="two_persons"
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    external_number: Mapped[str | None]
    client: Mapped[str | None]
    matter: Mapped[str]
    summary: Mapped[str]
    description: Mapped[str]
    division: Mapped[str | None]
    address: Mapped[str | None]
    compound: Mapped[UUID | None]
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(10, 7))
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(10, 7))
    coordinates: Mapped[dict[str, Any] | None]
    citizen_name: Mapped[bytes | None]
    citizen_phone: Mapped[bytes | None]
    phone_hash: Mapped[str | None] = mapped_column(index=True, info=db.found_by("citizen_phone", digits))
    details: Mapped[dict[str, Any]]
    source_fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attachments: Mapped[list[str]] = mapped_column(default=list)
    urgency: Mapped[str] = mapped_column(default="normal")
    alarm: Mapped[list[str]] = mapped_column(default=list)
    secret: Mapped[bool] = mapped_column(default=False)
    grams: Mapped[list[str]] = mapped_column(default=list)
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    unit: Mapped[str]
    handling: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    due_provisional: Mapped[bool]
    paused_at: Mapped[datetime | None]
    state: Mapped[str]
    units: Mapped[int] = mapped_column(default=1)
    returns: Mapped[int] = mapped_column(default=0)
    redos: Mapped[int] = mapped_column(default=0)
    raised: Mapped[str | None]
    rungs: Mapped[list[str]] = mapped_column(default=list)
    reference: Mapped[str | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reached: Mapped[bool | None]
    solved: Mapped[bool | None]
    satisfied: Mapped[bool | None]
    called_back_at: Mapped[datetime | None]
    merged_into: Mapped[str | None] = mapped_column(index=True)
    transferred_to: Mapped[str | None]
    transferred_from: Mapped[str | None]
    appeals: Mapped[int] = mapped_column(default=0)
    unreasonable_by: Mapped[str | None]
    declined_by: Mapped[str | None]
    explained_at: Mapped[datetime | None]


class DispatchLeg(KitTable, db.Identified, db.Versioned):
    """A unit's part in a request: its state, its clocks, its answer.

    round: grows with each redo, when the clock of the answer starts anew; term: with each other term to answer that it is
    given; rungs: what was raised in this round and term; next_rung_at: when the ladder looks at it again; proposed_unit,
    extension_until: what the unit asks for; extensions, appealed: how often it was given more time, and what it appealed
    against, in this round; due_as_of: where the clock is stopped, the moment at which the term of the answer was as it
    stands, if later than when it was stopped.
    """

    __tablename__ = "dispatch_legs"
    __table_args__ = (
        Index(
            "uq_dispatch_legs_lead",
            "request_id",
            unique=True,
            postgresql_where=text("lead and state not in ('returned','released')"),
        ),
        Index(
            "uq_dispatch_legs_unit",
            "request_id",
            "unit",
            unique=True,
            postgresql_where=text("state not in ('returned','released')"),
        ),
        Index(
            "ix_dispatch_legs_next_rung_at", "next_rung_at", postgresql_where=text("next_rung_at is not null")
        ),
        Index("ix_dispatch_legs_unit_dispatched_at", "unit", "dispatched_at"),
        Index("ix_dispatch_legs_sign_due_at", "sign_due_at"),
        Index("ix_dispatch_legs_contact_due_at", "contact_due_at"),
        Index("ix_dispatch_legs_request_id", "request_id"),
        CheckConstraint(
            "state in ('dispatched','return_asked','signed','contacted','in_progress','answered','audited',"
            "'returned','released')",
            name="state",
        ),
        CheckConstraint("state <> 'return_asked' or proposed_unit is not null", name="proposed"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("dispatch_requests.id"))
    unit: Mapped[str]
    lead: Mapped[bool]
    state: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    term: Mapped[int] = mapped_column(default=1)
    dispatched_at: Mapped[datetime]
    sign_due_at: Mapped[datetime]
    contact_due_at: Mapped[datetime]
    answer_due_at: Mapped[datetime]
    due_provisional: Mapped[bool]
    signed_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    forced: Mapped[bool] = mapped_column(default=False)
    proposed_unit: Mapped[str | None]
    extension_until: Mapped[datetime | None]
    extensions: Mapped[int] = mapped_column(default=0)
    appealed: Mapped[list[str]] = mapped_column(default=list)
    due_as_of: Mapped[datetime | None]
    rungs: Mapped[list[str]] = mapped_column(default=list)
    next_rung_at: Mapped[datetime | None]


class DispatchStep(KitTable, db.Identified):
    """What was done with a citizen's request, by whom and when; it only grows.

    state, leg_state, due_at: of the request and of the leg, after it; unit_of_leg: whose leg;
    rung: what was raised in the leg's round and term, or of the request.
    """

    __tablename__ = "dispatch_steps"
    __table_args__ = (
        Index(
            "uq_dispatch_steps_rung",
            "leg_id",
            "round",
            "term",
            "rung",
            unique=True,
            postgresql_where=text("rung is not null"),
        ),
        Index(
            "uq_dispatch_steps_rung_of_request",
            "request_id",
            "rung",
            unique=True,
            postgresql_where=text("rung in ('units','redos')"),
        ),
        Index("ix_dispatch_steps_action_at", "action", "at"),
        Index("ix_dispatch_steps_due_at", "due_at"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("dispatch_requests.id"), index=True)
    at: Mapped[datetime]
    action: Mapped[str]
    client: Mapped[str]
    unit: Mapped[str | None]
    note: Mapped[str | None]
    state: Mapped[str]
    leg_id: Mapped[UUID | None] = mapped_column(ForeignKey("dispatch_legs.id"))
    unit_of_leg: Mapped[str | None]
    leg_state: Mapped[str | None]
    due_at: Mapped[datetime | None]
    round: Mapped[int | None]
    term: Mapped[int | None]
    rung: Mapped[str | None]
    seen: Mapped[dict[str, Any]]


class DispatchAppeal(KitTable, db.Identified):
    """A unit's appeal against a figure that a round of a closed request gives it (考核申诉).

    Upheld, the figure leaves the request out as it stood in that round.
    """

    __tablename__ = "dispatch_appeals"
    __table_args__ = (
        UniqueConstraint("leg_id", "round", "figure"),
        CheckConstraint("figure in ('sign','contact','answer','solved','satisfied')", name="figure"),
        CheckConstraint("(decided_at is null) = (upheld is null)", name="decided"),
        CheckConstraint("decided_by is null or decided_by <> asked_by", name="two_persons"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("dispatch_requests.id"), index=True)
    leg_id: Mapped[UUID] = mapped_column(ForeignKey("dispatch_legs.id"))
    figure: Mapped[str]
    round: Mapped[int]
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    upheld: Mapped[bool | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class DispatchQuestion(KitTable, db.Identified, db.Versioned):
    """A question of the public (公众提问), which a request is; what the request says and is answered stands there alone.

    secret: as its request, which does not change. The others are what the public reads, in the words of whoever published
    it: matter: its category; phone: a public number to ask further; they stay when it is withdrawn.
    """

    __tablename__ = "dispatch_questions"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "secret"], ["dispatch_requests.id", "dispatch_requests.secret"]),
        CheckConstraint("state in ('unpublished','published','withdrawn')", name="state"),
        CheckConstraint("state = 'unpublished' or not secret", name="secret"),
        CheckConstraint(
            "num_nonnulls(matter, title, question, answer, published_at, published_by)"
            " = case state when 'unpublished' then 0 else 6 end",
            name="wording",
        ),
        CheckConstraint("phone is null or title is not null", name="phone"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at is not null)", name="withdrawn"),
        Index(
            "ix_dispatch_questions_published_at_id",
            "published_at",
            "id",
            postgresql_where=text("state = 'published'"),
        ),
        Index("ix_dispatch_questions_grams", "grams", postgresql_using="gin"),
    )

    request_id: Mapped[UUID] = mapped_column(unique=True)
    secret: Mapped[bool]
    state: Mapped[str]
    matter: Mapped[str | None]
    title: Mapped[str | None]
    question: Mapped[str | None]
    answer: Mapped[str | None]
    phone: Mapped[str | None]
    grams: Mapped[list[str]] = mapped_column(default=list)
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]


class DispatchPattern(KitTable, db.Identified):
    """Requests of one matter that came in more often at a place, or about a company, than its past led to expect.

    place: a compound's id or a company's key; past, windows: how many there were in how many windows before this one;
    requests: numbers of those in it.
    """

    __tablename__ = "dispatch_patterns"
    __table_args__ = (
        UniqueConstraint("matter", "kind", "place", "window_from"),
        Index("ix_dispatch_patterns_noticed_at_id", "noticed_at", "id"),
        CheckConstraint("kind in ('compound','company')", name="kind"),
        CheckConstraint("probability between 0 and 1", name="probability"),
    )

    matter: Mapped[str]
    kind: Mapped[str]
    place: Mapped[str]
    place_name: Mapped[str | None]
    division: Mapped[str | None]
    window_from: Mapped[date]
    window_to: Mapped[date]
    count: Mapped[int]
    past: Mapped[int]
    windows: Mapped[int]
    expected: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    probability: Mapped[Decimal] = mapped_column(Numeric(12, 10))
    words: Mapped[str]
    requests: Mapped[list[str]]
    noticed_at: Mapped[datetime]
