"""What happens with information on an accident: drafted, approved by whom the plan names, published (E-4.8)."""

import hashlib
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from kit.storage.db import new_id
from kit.web.problems import Conflict, FieldError, Invalid
from services.emergency.case.case import Case, IncidentEvent
from services.emergency.case.incident import Incident
from services.emergency.plan.accidents.grading import Grade
from services.emergency.plan.releases import RELEASES, ROLES, Authority, authority
from services.emergency.releases.models import Release


class ReleasePublished(IncidentEvent, type="emergency.release.published", title="事故信息已发布"):
    """Information on an accident was published."""

    release: UUID = Field(description="信息发布稿编号")
    title: str = Field(description="标题")
    text_hash: str = Field(description="正文的 SHA-256 校验值")
    authority: str = Field(description="有权发布的机关")
    channels: list[str] = Field(description="发布渠道")


class ReleaseApproved(IncidentEvent, type="emergency.release.approved", title="事故信息获准发布"):
    """Information on an accident was approved."""

    release: UUID = Field(description="信息发布稿编号")
    authority: str = Field(description="有权发布的机关")


def authority_of(incident: Incident, release: Release) -> Authority:
    """Whose word a release needs as the accident stands now (E-4.8)."""
    return authority(Grade(incident.grade), sensitive=release.sensitive)


async def releases_of(case: Case) -> list[Release]:
    """The releases in the order in which they were drafted."""
    query = select(Release).where(Release.incident_id == case.incident.id).order_by(Release.id)
    return list(await case.session.scalars(query))


def draft(case: Case, given: dict[str, Any]) -> Release:
    """Draft information on an accident (E-4.8)."""
    release = Release(
        id=new_id(),
        incident_id=case.incident.id,
        revision=1,
        state="drafted",
        drafted_at=case.now,
        drafted_by=case.caller.by,
        channels=[],
        **given,
    )
    case.session.add(release)
    case.happened("release", f"拟定信息发布稿《{release.title}》", "E-4.8")
    return release


def revise(case: Case, release: Release, given: dict[str, Any]) -> None:
    """Revise a draft; an approval of the earlier text is void (E-4.8). Raises: Conflict, Forbidden."""
    move = RELEASES[authority_of(case.incident, release)].check(release.state, "revise", case.caller)
    for name, value in given.items():
        setattr(release, name, value)
    release.state, release.revision = move.target, release.revision + 1
    release.approved_at = release.approved_by = release.authority = None
    release.document = release.text_hash = None
    text = f"修改信息发布稿《{release.title}》（第 {release.revision} 稿），原批准失效"
    case.happened("release", text, move.clause)


def approve(case: Case, release: Release, revision: int, document: str | None) -> None:
    """Approve the draft that was read, by the authority that grade and sensitivity ask for (E-4.8).

    Above the district, the document that authorises it is named.
    Raises: Conflict, also when the text was revised since; Forbidden; Invalid without a document where one is
            needed.
    """
    who = authority_of(case.incident, release)
    move = RELEASES[who].check(release.state, "approve", case.caller)
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
    release.approved_at, release.approved_by = case.now, case.caller.by
    release.text_hash = hashlib.sha256(f"{release.title}\n{release.text}".encode()).hexdigest()
    event = ReleaseApproved(release=release.id, authority=who.value)
    case.happened("release", f"{who.zh}批准发布《{release.title}》", move.clause, event=event)


def publish(case: Case, release: Release, channels: list[str]) -> None:
    """Publish what was approved, by whom the accident as it stands now asks for (E-4.8).

    Raises: Conflict without approval, or when the accident has become graver since; Forbidden.
    """
    needed = authority_of(case.incident, release)
    move = RELEASES[needed].check(release.state, "publish", case.caller)
    if release.authority != needed:
        raise Conflict(
            "needs-another-approval",
            f"批准之后事故等级有变，现须由{needed.zh}批准。请先修改发布稿，再报批。",
            clauses=("E-4.8",),
            allowed=["revise"],
            who={"approve": [ROLES[needed]]},
        )
    release.state, release.published_at, release.channels = move.target, case.now, channels
    event = ReleasePublished(
        release=release.id,
        title=release.title,
        text_hash=release.text_hash or "",
        authority=needed.value,
        channels=channels,
    )
    text = f"发布《{release.title}》（{'、'.join(channels)}）"
    case.happened("release", text, move.clause, event=event)
