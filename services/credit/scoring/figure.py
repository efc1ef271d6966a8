"""A score as a waterfall and as a report: from the start, over each record that counts, to the score (P-2.3.2a)."""

from decimal import Decimal
from typing import Final

from kit.district.clock import local_day
from kit.documents.reports import Report
from kit.figures.canvas import Head
from kit.figures.palette import Tone
from kit.figures.rows import Entry
from kit.figures.waterfall import Step, waterfall
from services.credit.scoring.shapes import LineOut, ScoreOut

_LEGEND: Final = ((Tone.GOOD, "加分"), (Tone.BAD, "扣分"), (Tone.IDLE, "不加不扣"))
_CUTS: Final = {"item": "单项封顶", "group": "合并封顶", "kind": "类别合计封顶"}
_SHARES: Final = {"area": "按面积折算", "mean": "按项目数折算", "full": "全额计入"}


def drawing(score: ScoreOut, width: int) -> str:
    """The score's parts in the order of its list; they add up to it."""
    note = (
        f"评分日 {score.as_of} · 方案 {score.scheme} · 依据 {'、'.join(each.clause for each in score.basis)}"
    )
    head = Head(f"{score.name} 信用得分", note, f"score-{score.project or score.company}", width)
    steps = [_step(each) for each in score.lines]
    if score.rounding:
        steps.append(_change("四舍五入", score.rounding, ""))
    grade = "直接认定" if score.vetoed else ""
    if score.next:
        grade = f"距 {score.next.grade} 还差 {score.next.missing} 分"
    end = Entry("得分", f"{score.score}　{score.grade}", under=grade)
    start = Step(Entry("起评分", f"{score.start}"), float(score.start))
    there = {step.entry.tone for step in steps}
    return waterfall(head, start, steps, end, [each for each in _LEGEND if each[0] in there])


def report(score: ScoreOut) -> Report:
    """The same parts as a table to be edited."""
    steps = [_step(each).entry for each in score.lines]
    if score.rounding:
        steps.append(_change("四舍五入", score.rounding, "").entry)
    first, last = ["起评分", f"{score.start}", ""], ["得分", f"{score.score}", f"信用等级 {score.grade}"]
    return Report(
        f"{score.name}信用得分说明",
        "东胜区物业服务信用评价",
        [f"评分日 {score.as_of}，评价方案 {score.scheme}。"],
        ("项目", "分", "说明"),
        [first, *([each.label, each.said, each.under] for each in steps), last],
        score.basis,
    )


def _step(line: LineOut) -> Step:
    """A record that counts: when, what was taken off it, until when, and where its points stand."""
    said = [f"{local_day(line.acted_at)}", f"出处：{line.basis_of_points}"]
    if line.share and line.share.basis != "full":
        said.append(f"{_SHARES[line.share.basis]} {line.share.part}/{line.share.whole}")
    said += [f"{_CUTS[cut.by]}，未计入 {cut.points} 分" for cut in line.cuts]
    if line.days_left is not None:
        said.append(f"还计 {line.days_left} 天")
    if line.veto:
        said.append("直接认定等级")
    return _change(f"{line.item} {line.name}", line.points, " · ".join(said))


def _change(label: str, points: Decimal, under: str) -> Step:
    tone = Tone.GOOD if points > 0 else Tone.BAD if points < 0 else Tone.IDLE
    return Step(Entry(label, f"{'+' if points > 0 else ''}{points}", under=under, tone=tone), float(points))
