"""Warnings on an axis of hours: those in force, and apart from them those that are past (E-3.2b, E-3.3d)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from kit.district.clock import in_words, lasting
from kit.figures.axis import Span, Track, axis
from kit.figures.canvas import Head
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from services.emergency.warnings.areas import area_name

if TYPE_CHECKING:
    from services.emergency.warnings.shapes import WarningOut

_LEGEND: Final = (
    (Tone.OPEN, "生效"),
    (Tone.LATE, "已过失效时间，没有解除"),
    (Tone.IDLE, "已解除"),
)


def drawing(warnings: "Sequence[WarningOut]", now: datetime, width: int) -> str:
    """The warnings that were issued, as a figure; drafts have no place on it."""
    issued = [each for each in warnings if each.issued_at is not None]
    ahead = [_span(each, now) for each in issued if _in_force(each)]
    past = [_span(each, now) for each in issued if not _in_force(each)]
    tracks = [
        Track("现在生效" if past else "", ahead),
        Track("已经过去" if ahead else "", past),
    ]
    shown = {span.tone for track in tracks for span in track.spans}
    head = Head("预警", f"截至 {in_words(now)} · 依据 E-3.2b、E-3.3d", "warnings", width)
    legend = [each for each in _LEGEND if each[0] in shown]
    return axis(head, tracks, now, legend, empty="没有已发布的预警。")


def _in_force(each: "WarningOut") -> bool:
    return each.lifted_at is None and not each.expired


def _span(each: "WarningOut", now: datetime) -> Span:
    start = each.starts_at or each.issued_at
    assert start is not None  # a draft is left out
    said, more, tone, end = _stands(each, now)
    label = f"{each.colour_zh or '预警'} {each.accident_type or ''}"
    by = f" · {each.issuer.name}" if each.issuer else ""
    places = "、".join(dict.fromkeys(area_name(area) for area in each.areas))
    under = f"{each.number}{by} · {places}"
    return Span(Entry(label, said, more, under, tone), start, max(end, start) if end else None)


def _stands(each: "WarningOut", now: datetime) -> tuple[str, str, Tone, datetime | None]:
    """How a warning stands, the time that goes with it, and until when it is drawn."""
    until = f"{in_words(each.expires_at)} 失效" if each.expires_at else "没有定失效时间"
    if each.lifted_at is not None:
        return "已解除", f"{in_words(each.lifted_at)} 解除", Tone.IDLE, each.lifted_at
    if each.expired:
        return "已失效，没有解除", until, Tone.LATE, each.expires_at
    left = f"还剩 {lasting(each.expires_at - now)}" if each.expires_at else "生效"
    return left, until, Tone.OPEN, each.expires_at
