"""What contradicts itself in a scheme, all of it at once; pure (P-2.3.2a)."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

from services.credit.plan.scheme import (
    Band,
    Item,
    Kind,
    Measure,
    Recorder,
    RepairRule,
    Scheme,
    Severity,
    Validity,
)

#: The events that bring their evidence: the decision on who was responsible.
_EVIDENCED: Final = ("accident_with_casualties", "accident_without_casualties")
#: How far a band's edge and the scores around it are looked at.
_EVER: Final = Decimal(10) ** 9


def inconsistencies(scheme: Scheme) -> list[tuple[str, str]]:
    """All that a scheme says against itself: a JSON pointer and a Chinese reason each; empty of one that holds."""
    return [*_of_codes(scheme), *_of_items(scheme), *_of_bands(scheme), *_of_lists(scheme)]


def _of_codes(scheme: Scheme) -> Iterator[tuple[str, str]]:
    for code, count in Counter(each.code for each in scheme.items).items():
        if count > 1:
            yield "/items", f"编码 {code} 用了 {count} 次"
    used = {each.group for each in scheme.items if each.group is not None}
    for group in sorted(scheme.groups.keys() - used):
        yield f"/groups/{group}", "没有项目属于这个组"
    for group in sorted(scheme.groups.keys() & used):
        if len({each.kind for each in scheme.items if each.group == group}) > 1:
            yield f"/groups/{group}", "同组的项目应属同一类别"


def _of_items(scheme: Scheme) -> Iterator[tuple[str, str]]:
    for index, item in enumerate(scheme.items):
        for field, reason in _of_item(item, scheme):
            yield f"/items/{index}/{field}", f"{item.code} {item.name}：{reason}"


def _of_item(item: Item, scheme: Scheme) -> Iterator[tuple[str, str]]:
    if item.steps and not {item.least, item.most, item.usual} <= set(item.steps):
        yield "steps", "最低、最高和标准分值应在只可取的分值之中"
    if any(not item.least <= each <= item.most for each in item.steps):
        yield "steps", f"只可取的分值应在 {item.least} 到 {item.most} 之间"
    if not item.least <= item.usual <= item.most:
        yield "usual", f"标准分值 {item.usual} 不在 {item.least} 到 {item.most} 之间"
    if item.cap is not None and item.cap.points < item.most:
        yield "cap", f"封顶 {item.cap.points} 低于单项最高分值 {item.most}"
    if item.group is not None and item.group not in scheme.groups:
        yield "group", f"没有“{item.group}”这个组"
    elif item.group is not None and scheme.groups[item.group] < item.most:
        yield "group", f"组的封顶 {scheme.groups[item.group]} 低于单项最高分值 {item.most}"
    if (item.validity is Validity.MONTHS) != (item.months is not None):
        yield "months", "按月数计的填写有效月数，其他的不填"
    is_bad = item.kind in (Kind.BAD, Kind.SERIOUS)
    if is_bad == (item.severity is None):
        yield "severity", "不良信息填写失信程度，基础和优良信息不填"
    if item.veto and not is_bad:
        yield "veto", "只有不良信息可以直接定为最低等级"
    if (item.kind is Kind.BASE) != (item.validity is Validity.STANDING):
        yield "validity", "基础信息、也只有基础信息，到有新的同项信息为止"
    if item.measure is Measure.SHARE and item.kind is not Kind.BASE:
        yield "measure", "只有基础信息按比例计分"
    if item.from_event is not None:
        if Recorder.SYSTEM not in item.recorders:
            yield "from_event", "自动登记的项目由系统采集"
        if item.evidence and item.from_event not in _EVIDENCED:
            yield "from_event", "自动登记的项目不须佐证，事故责任认定除外"
    if item.from_register is not None and item.measure is not Measure.SHARE:
        yield "from_register", "由登记计算的项目按比例计分"


def _of_bands(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """Gaps and overlaps, of scores with bad information and of scores without; and a grade that a better score loses."""
    for index, band in enumerate(scheme.bands):
        if band.at_least is not None and band.below is not None and band.at_least >= band.below:
            yield f"/bands/{index}", f"{band.grade} 的下限不低于上限"
            return
    for when, said in (("with_bad", "有不良信息时"), ("without_bad", "没有不良信息时")):
        chain = sorted((each for each in scheme.bands if each.when in ("any", when)), key=_lower)
        yield from (("/bands", f"{said}，{reason}") for reason in _of_chain(chain, scheme.grades))
    for score in sorted({_lower(each) for each in scheme.bands}):
        clean, stained = _grade(scheme, score, has_bad=False), _grade(scheme, score, has_bad=True)
        if clean and stained and scheme.grades.index(clean) > scheme.grades.index(stained):
            yield "/bands", f"{score} 分时，有不良信息的 {stained} 反而高于没有的 {clean}"


def _of_chain(chain: list[Band], grades: list[str]) -> Iterator[str]:
    if not chain or chain[0].at_least is not None:
        yield "没有最低一档，下限应为空"
    if not chain or chain[-1].below is not None:
        yield "没有最高一档，上限应为空"
    for lower, upper in pairwise(chain):
        top, bottom = lower.below, upper.at_least
        if top is None or bottom is None or top > bottom:
            yield f"{lower.grade} 和 {upper.grade} 重叠"
        elif top < bottom:
            yield f"{top} 到 {bottom} 分没有等级"
        if grades.index(lower.grade) < grades.index(upper.grade):
            yield f"{upper.grade} 的分高于 {lower.grade}，却排在其后"


def _lower(band: Band) -> Decimal:
    return -_EVER if band.at_least is None else band.at_least


def _grade(scheme: Scheme, score: Decimal, *, has_bad: bool) -> str | None:
    wanted = ("any", "with_bad" if has_bad else "without_bad")
    return next(
        (
            each.grade
            for each in scheme.bands
            if each.when in wanted and _lower(each) <= score and (each.below is None or score < each.below)
        ),
        None,
    )


def _of_lists(scheme: Scheme) -> Iterator[tuple[str, str]]:
    grades = {*scheme.grades, scheme.veto_grade}
    named = (
        ("/lists/red", scheme.lists.red),
        ("/lists/black", scheme.lists.black),
        ("/award/grades", scheme.award.grades),
        ("/veto_grade", [scheme.veto_grade]),
    )
    for pointer, told in named:
        for grade in told:
            if grade not in (scheme.grades if pointer == "/veto_grade" else grades):
                yield pointer, f"没有“{grade}”这个等级"
    if scheme.absent_grade in scheme.grades:
        yield "/absent_grade", "未参加评价的等级不能与其他等级相同"
    for grade in sorted({*scheme.lists.red} & {*scheme.lists.black}):
        yield "/lists", f"{grade} 同时列入红榜和黑榜"
    for severity in Severity:
        rule: RepairRule = getattr(scheme.repair, severity)
        if rule.after > rule.public:
            yield f"/repair/{severity}", "最短公示月数长于最长公示月数"
