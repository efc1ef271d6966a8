"""What the cells of a survey say taken together: in one row, from row to row, against totals and the head."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from kit.district.names import name_key
from services.property.plan.plausible import implausible
from services.property.surveys import cells
from services.property.surveys.findings import HEADINGS, Findings, listed
from services.property.surveys.header import plain
from services.property.surveys.lines import is_sample_like
from services.property.surveys.survey import SUMMED, CellError, Status, SurveyRow
from services.property.surveys.totals import Total, unlike

#: What a row says by key, without the cells that are wrong.
Said: TypeAlias = Mapping[str, Any]


def check_row(found: Findings, row: int, said: Said) -> None:
    """Company and status, committee and party members, and what should be there or is not plausible."""
    _check_company(found, row, said)
    _check_committee(found, row, said)
    _check_gaps(found, row, said)
    if is_sample_like(plain(said.get("compound", ""))):
        found.doubt(row, "compound", "像是示例，请核对；如是示例，请删去这一行")
    for key, reason in implausible(said):
        found.doubt(row, key, reason)
    if said.get("built") and cells.is_part_of_a_year(found.cell(row, "built")):
        found.doubt(row, "built", f"已按 {said['built']} 年读取")


def _check_company(found: Findings, row: int, said: Said) -> None:
    if "company" not in said or "status" not in said:
        return
    status, company = said["status"], said["company"]
    written = cells.text(found.cell(row, "company"))
    if not company and written not in cells.NOTHING and status is not Status.PROFESSIONAL:
        found.doubt(row, "company", f"“{written}”不是企业名称，已按没有企业读取")
    if status is Status.PROFESSIONAL and not company:
        found.wrong(row, "company", f"现状为“{status}”的小区，请填写物业服务企业名称")
    if status is Status.NONE and company:
        found.wrong(row, "company", f"现状为“{status}”的小区没有企业，请清空，或改正物业管理现状")


def _check_committee(found: Findings, row: int, said: Said) -> None:
    members, party_members = said.get("members"), said.get("party_members")
    if "members" not in said or not party_members:
        return
    if members is None:
        found.wrong(row, "members", "填了党员人数，请一并填写委员人数")
    elif party_members > members:
        found.wrong(row, "party_members", f"党员 {party_members} 人多于委员 {members} 人，请核对")


def _check_gaps(found: Findings, row: int, said: Said) -> None:
    """Doubts only: the plan wants full and accurate figures (P-3.1), but old compounds may lack some."""
    wanted = ["buildings", "households", "area", "built"]
    if said.get("status") is Status.PROFESSIONAL:
        wanted += ["fee", "collection_rate"]
    if said.get("members"):
        wanted.append("party_members")
    for key in wanted:
        if key in said and said[key] is None:
            found.doubt(row, key, "没有填写，请尽量补全")


def check_doubles(found: Findings, rows: Mapping[int, Said]) -> None:
    """Refuse a compound that stands in two rows."""
    seen: dict[tuple[str, ...], int] = {}
    for row, said in rows.items():
        if not said.keys() >= {"street", "community", "compound"}:
            continue
        key = tuple(name_key(said[part]) for part in ("street", "community", "compound"))
        first = seen.setdefault(key, row)
        if first != row:
            found.wrong(
                row,
                "compound",
                f"与第 {first + 1} 行是同一小区，两行（第 {first + 1}、{row + 1} 行）只留一行",
            )


def check_unfilled(found: Findings, unfilled: Mapping[int, Sequence[str]]) -> None:
    """Refuse rows without street or community, given with what each lacks; many of them with one sentence."""
    if len(unfilled) == 1:
        for row, keys in unfilled.items():
            for key in keys:
                found.wrong(row, key, "不能为空，请填写")
    elif unfilled:
        first, keys = next(iter(unfilled.items()))
        named = dict.fromkeys(HEADINGS[key] for keys in unfilled.values() for key in keys)
        reason = f"{listed(unfilled)}没有填写{'、'.join(named)}，不能为空，请逐行填写，或合并单元格"
        found.wrong(first, keys[0], reason)


def check_bare_rates(found: Findings, rows: Collection[int]) -> None:
    """A bare 1 reads as 100%; where the column is otherwise in per cent, 1% may have been meant."""
    if "collection_rate" not in found.header.columns:
        return
    read = {row: cells.bare(found.cell(row, "collection_rate")) for row in rows}
    bare = {row: rate for row, rate in read.items() if rate is not None}
    if any(rate > 1 for rate in bare.values()):
        for row, rate in bare.items():
            if rate == 1:
                found.doubt(row, "collection_rate", "已按 100% 读取；如为 1%，请写成“1%”")


def check_totals(found: Findings, totals: Sequence[Total], rows: Mapping[int, Said]) -> None:
    """Doubt a total that is not the sum of the rows above it: of all, or of those since any total before."""
    for key in SUMMED:
        if key not in found.header.columns or any(key not in said for said in rows.values()):
            continue
        figures = {row: Decimal(said[key] or 0) for row, said in rows.items()}
        # Areas were rounded row by row, the sum in the workbook was not.
        leeway = Decimal("0.005") * (len(rows) + 1) if key == "area" else Decimal()
        stated = {total.row: cells.bare(found.own(total.row, key)) for total in totals}
        for total, summed in unlike(totals, figures, stated, leeway):
            said = f"{'合计' if total.is_whole else '小计'}为 {stated[total.row]:f}，各行相加为 {summed:f}"
            found.doubt(total.row, key, f"{said}，请核对")


def check_unit(found: Findings, unit: str, rows: Sequence[SurveyRow], streets: Collection[str]) -> None:
    """Doubt a unit of one street that hands in compounds of another."""
    named = cells.divisions_in(unit, streets)
    others = dict.fromkeys(row.street for row in rows if row.street not in named)
    if named and others:
        reason = f"填报单位属于{'、'.join(sorted(named))}，表中有{'、'.join(others)}的小区，请核对。"
        found.warnings.append(CellError(max(found.header.first, 1), "A", "填报单位", unit, reason))


def check_hidden(found: Findings, rows: Collection[int]) -> None:
    """Tell of rows that do not show in the workbook and are taken in all the same."""
    hidden = found.sheet.hidden.intersection(rows)
    if hidden:
        reason = f"{listed(hidden)}在工作簿里是隐藏或筛选掉的，也已收录，请核对"
        found.warnings.append(found.note(min(hidden), 0, reason))
