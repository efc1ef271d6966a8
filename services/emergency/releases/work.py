"""What happens with information on an accident: drafted, approved by whom the plan names, published (E-4.8)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.storage import db
from kit.web.etags import Precondition
from kit.web.problems import Conflict, FieldError, Invalid
from kit.web.tokens import Caller
from services.emergency.case.exercise import IncidentEvent, tell
from services.emergency.case.incident import Incident
from services.emergency.case.lookup import opened
from services.emergency.case.lookup import seen as seen_by
from services.emergency.case.timeline import note
from services.emergency.plan.grading import Grade
from services.emergency.plan.releases import ROLES, Authority, authority, release_moves
from services.emergency.plan.roles import PUBLICITY
from services.emergency.plan_moves import PlanMoves, must_hold
from services.emergency.releases.models import Release

NO_RELEASE = "没有这份信息发布稿，请核对编号。"
_STATES_ZH = {"drafted": "发布稿尚未批准", "approved": "发布稿已批准", "published": "信息已发布"}
_ACTIONS_ZH = {"revise": "修改", "approve": "批准", "publish": "发布"}


class ReleasePublished(IncidentEvent, type="emergency.release.published"):
    """Information on an accident was published."""

    release: UUID
    title: str
    text_hash: str
    authority: str
    channels: list[str]


class ReleaseApproved(IncidentEvent, type="emergency.release.approved"):
    """Information on an accident was approved."""

    release: UUID
    authority: str


def authority_of(incident: Incident, release: Release) -> Authority:
    """Whose word a release needs as the accident stands now (E-4.8)."""
    return authority(Grade(incident.grade), sensitive=release.sensitive)


def moves_of(incident: Incident, release: Release) -> PlanMoves:
    """The moves of a release."""
    return PlanMoves(release_moves(authority_of(incident, release)), _STATES_ZH, _ACTIONS_ZH)


def hash_of(release: Release) -> str:
    """SHA-256 of title and text, by which anyone can see that what went out is what was approved."""
    return hashlib.sha256(f"{release.title}\n{release.text}".encode()).hexdigest()


async def releases_of(session: AsyncSession, incident: Incident) -> list[Release]:
    """The releases in the order in which they were drafted."""
    query = select(Release).where(Release.incident_id == incident.id).order_by(Release.id)
    return list(await session.scalars(query))


async def release_seen(session: AsyncSession, id: UUID, caller: Caller) -> tuple[Release, Incident]:
    """A release and its incident, to be read.

    Raises: NotFound.
    """
    release = await db.found(session, Release, id, NO_RELEASE)
    return release, await seen_by(session, str(release.incident_id), caller)


async def draft(
    session: AsyncSession, incident: Incident, given: dict[str, Any], caller: Caller, now: datetime
) -> Release:
    """Draft information on an accident (E-4.8). The incident is locked.

    Raises: Forbidden.
    """
    must_hold(caller, "E-4.8", PUBLICITY)
    release = Release(
        id=db.new_id(),
        incident_id=incident.id,
        revision=1,
        state="drafted",
        drafted_at=now,
        drafted_by=caller.client,
        channels=[],
        **given,
    )
    session.add(release)
    await session.flush()
    note(session, incident, "release", f"拟定信息发布稿《{release.title}》", now, caller, now, "E-4.8")
    return release


async def revise(
    session: AsyncSession,
    id: UUID,
    seen: Precondition,
    given: dict[str, Any],
    caller: Caller,
    now: datetime,
) -> tuple[Release, Incident]:
    """Revise a draft that the caller has seen; an approval of the earlier text is void (E-4.8).

    Raises: NotFound, PreconditionFailed, Conflict, Forbidden.
    """
    release, incident = await _release(session, id, caller)
    seen.check(release)
    move = moves_of(incident, release).check(release.state, "revise", caller)
    for name, value in given.items():
        setattr(release, name, value)
    release.state, release.revision = move.target, release.revision + 1
    release.approved_at = release.approved_by = release.authority = None
    release.document = release.text_hash = None
    await session.flush()
    text = f"修改信息发布稿《{release.title}》（第 {release.revision} 稿），原批准失效"
    note(session, incident, "release", text, now, caller, now, move.clause)
    return release, incident


async def approve(
    session: AsyncSession, id: UUID, revision: int, document: str | None, caller: Caller, now: datetime
) -> tuple[Release, Incident]:
    """Approve the draft that was read, by the authority that grade and sensitivity ask for (E-4.8).

    Above the district, the document that authorises it is named.
    Raises: NotFound; Conflict, also when the text was revised since; Forbidden; Invalid without a document
            where one is needed.
    """
    release, incident = await _release(session, id, caller)
    who = authority_of(incident, release)
    move = moves_of(incident, release).check(release.state, "approve", caller)
    if release.revision != revision:
        raise Conflict(
            "revised-meanwhile",
            f"发布稿已是第 {release.revision} 稿，您要批准的是第 {revision} 稿。请重新阅读后再批准。",
            clauses=("E-4.8",),
            revision=release.revision,
        )
    if who is not Authority.DISTRICT and not document:
        raise Invalid(
            "no-document",
            f"由{who.zh}批准时，请填写授权文件的文号或名称。",
            errors=[FieldError(pointer="/document", reason="缺少这一项，请填写。")],
            clauses=("E-4.8",),
        )
    release.state, release.authority, release.document = move.target, who.value, document
    release.approved_at, release.approved_by, release.text_hash = now, caller.client, hash_of(release)
    await session.flush()
    note(session, incident, "release", f"{who.zh}批准发布《{release.title}》", now, caller, now, move.clause)
    tell(session, incident, ReleaseApproved(release=release.id, authority=who.value), caller, now)
    return release, incident


async def publish(
    session: AsyncSession, id: UUID, channels: Sequence[str], caller: Caller, now: datetime
) -> tuple[Release, Incident]:
    """Publish what was approved, by whom the accident as it stands now asks for (E-4.8).

    Raises: NotFound; Conflict without approval, or when the accident has become graver since; Forbidden.
    """
    release, incident = await _release(session, id, caller)
    move = moves_of(incident, release).check(release.state, "publish", caller)
    needed = authority_of(incident, release)
    if release.authority != needed.value:
        raise Conflict(
            "needs-another-approval",
            f"批准之后事故等级有变，现须由{needed.zh}批准。请先修改发布稿，再报批。",
            clauses=("E-4.8",),
            allowed=["revise"],
            who={"approve": [ROLES[needed]]},
        )
    release.state, release.published_at, release.channels = move.target, now, list(channels)
    await session.flush()
    text = f"发布《{release.title}》（{'、'.join(channels)}）"
    note(session, incident, "release", text, now, caller, now, move.clause)
    event = ReleasePublished(
        release=release.id,
        title=release.title,
        text_hash=release.text_hash or "",
        authority=needed.value,
        channels=release.channels,
    )
    tell(session, incident, event, caller, now)
    return release, incident


async def _release(session: AsyncSession, id: UUID, caller: Caller) -> tuple[Release, Incident]:
    known = await db.found(session, Release, id, NO_RELEASE)
    incident = await opened(session, str(known.incident_id), caller)
    return await db.locked(session, Release, id, NO_RELEASE), incident
