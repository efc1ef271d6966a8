"""python -m services.property.sample [DIR] [--seed N]: a made-up district as survey workbooks, to try things on.

One workbook in the official form for each street and town, and `with-mistakes/` with the mistakes people make.
Every community, compound, company and person is made up and says so (（虚构）); equal seeds give equal bytes.
"""

import argparse
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from kit.district.clock import SHANGHAI
from kit.workbooks.writing import Layout, Value, table
from services.property.surveys.form import (
    NOTES,
    TITLE,
    Status,
    Survey,
    SurveyRow,
    above_the_table,
    form_cells,
    form_columns,
    write,
)
from services.property.surveys.header import OFFICIAL

SEED: Final = 20240630
MADE_UP: Final = "（虚构）"
SURVEYED: Final = datetime(2024, 6, 30, 9, tzinfo=SHANGHAI)

Span = tuple[int, int]


@dataclass(frozen=True)
class Era:
    """What compounds of an age look like. Fees in 分 and collection rates in per cent, by status."""

    built: Span
    buildings: Span
    households_per_building: Span
    area_per_household: Span
    endings: tuple[str, ...]
    fees: Mapping[Status, Span]
    rates: Mapping[Status, Span]


_OLD = Era(
    built=(1983, 2004),
    buildings=(1, 8),
    households_per_building=(24, 60),
    area_per_household=(62, 92),
    endings=("小区", "家属院", "花园", "公寓", "巷小区"),
    fees={Status.PROFESSIONAL: (40, 90), Status.QUASI: (15, 45)},
    rates={Status.PROFESSIONAL: (58, 86), Status.QUASI: (32, 68)},
)
_NEW = Era(
    built=(2005, 2022),
    buildings=(4, 28),
    households_per_building=(36, 132),
    area_per_household=(88, 138),
    endings=("家园", "嘉园", "华庭", "雅苑", "华府"),
    fees={Status.PROFESSIONAL: (90, 230), Status.QUASI: (40, 80)},
    rates={Status.PROFESSIONAL: (76, 97), Status.QUASI: (50, 75)},
)
_TOWN = replace(_OLD, built=(1996, 2019), buildings=(1, 6), households_per_building=(12, 36))


@dataclass(frozen=True)
class Place:
    """A street or town: compounds, communities, and in per cent: old compounds, statuses, committees."""

    compounds: int
    communities: int
    old: int
    professional: int
    quasi: int
    committee: int


_PLACES: Final = {
    "天骄街道": Place(38, 6, old=70, professional=64, quasi=26, committee=70),
    "交通街道": Place(44, 7, old=75, professional=60, quasi=29, committee=68),
    "公园街道": Place(40, 6, old=60, professional=68, quasi=24, committee=74),
    "富兴街道": Place(30, 5, old=20, professional=88, quasi=9, committee=78),
    "巴音门克街道": Place(28, 5, old=10, professional=92, quasi=6, committee=80),
    "诃额伦街道": Place(24, 4, old=15, professional=90, quasi=7, committee=78),
    "兴胜街道": Place(22, 4, old=10, professional=90, quasi=7, committee=76),
    "纺织街道": Place(42, 7, old=80, professional=58, quasi=30, committee=66),
    "林荫街道": Place(36, 6, old=55, professional=70, quasi=22, committee=74),
    "建设街道": Place(40, 6, old=65, professional=66, quasi=25, committee=72),
    "民族街道": Place(38, 6, old=70, professional=62, quasi=27, committee=70),
    "幸福街道": Place(22, 4, old=25, professional=85, quasi=11, committee=78),
    "泊尔江海子镇": Place(3, 1, old=100, professional=30, quasi=40, committee=40),
    "罕台镇": Place(9, 2, old=100, professional=45, quasi=35, committee=50),
    "铜川镇": Place(5, 2, old=100, professional=40, quasi=35, committee=50),
}

#: Words of two characters that names are made of.
_LETTERS: Final = (
    "安居安泰百合碧水长青晨光春晖翠竹东苑丰泽枫林福泰富康馥郁高原光华桂苑海棠和谐和悦恒泰红柳虹桥鸿雁华泰"
    "嘉和金桥金穗锦绣景泰静安康乐蓝天乐居丽景龙泉绿洲明珠暖城南苑宁馨祥和胡杨新月星河秀水学府阳光怡和颐和"
    "银河迎宾永安玉泉育才悦来云锦正泰芝兰紫荆"
)
_WORDS: Final = tuple(_LETTERS[start : start + 2] for start in range(0, len(_LETTERS), 2))
_SURNAMES: Final = tuple("王李张刘陈杨赵黄周吴徐孙马朱胡")
_COMPANIES: Final = tuple(f"鄂尔多斯市{word}物业服务有限责任公司{MADE_UP}" for word in ("示例", *_WORDS[::2]))


def district(seed: int = SEED) -> dict[str, Survey]:
    """The surveys of the made-up district by street and town."""
    rng = random.Random(seed)  # noqa: S311 # nosec B311 # nothing secret is drawn
    old, new = (_names(rng, era) for era in (_OLD, _NEW))
    surveys = {}
    for number, (street, place) in enumerate(_PLACES.items(), 1):
        communities = [f"{word}社区{MADE_UP}" for word in rng.sample(_WORDS, place.communities)]
        rows = []
        for index in range(place.compounds):
            is_old = rng.randrange(100) < place.old
            name = (old if is_old else new).pop() + MADE_UP
            community = communities[index % len(communities)]
            figures = _figures(rng, place, _TOWN if street.endswith("镇") else _OLD if is_old else _NEW)
            rows.append(SurveyRow(street=street, community=community, compound=name, **figures))
        rows.sort(key=lambda row: communities.index(row.community))
        surveys[street] = Survey(
            unit=street + ("人民政府" if street.endswith("镇") else "办事处"),
            contact=f"{rng.choice(_SURNAMES)}某{MADE_UP}",
            phone=f"0477-0000{number:03}",
            rows=tuple(rows),
        )
    first = next(iter(surveys))
    surveys[first] = _with_lifts(rng, surveys[first])
    return surveys


def _names(rng: random.Random, era: Era) -> list[str]:
    names = [word + ending for word in _WORDS for ending in era.endings]
    rng.shuffle(names)
    return names


def _figures(rng: random.Random, place: Place, look: Era) -> dict[str, Any]:
    """What is drawn of a compound, by the fields of a row."""
    drawn = rng.randrange(100)
    status = Status.PROFESSIONAL if drawn < place.professional else Status.QUASI
    if drawn >= place.professional + place.quasi:
        status = Status.NONE
    buildings = rng.randint(*look.buildings)
    households = sum(rng.randint(*look.households_per_building) for _ in range(buildings))
    area = Decimal(households * rng.randint(*look.area_per_household)) + Decimal(rng.randrange(100)) / 100
    members = rng.choice((5, 5, 7, 7, 9)) if rng.randrange(100) < place.committee else 0
    with_company = status is Status.PROFESSIONAL or (status is Status.QUASI and rng.randrange(100) < 30)
    managed = status is not Status.NONE
    rates = [10 * bound for bound in look.rates[status]] if managed else []
    return {
        "status": status,
        "company": rng.choice(_COMPANIES) if with_company else "",
        "buildings": buildings,
        "households": households,
        "area": area,
        "built": rng.randint(*look.built),
        "members": members,
        "party_members": rng.randint(members // 3, members - 1) if members else 0,
        "fee": Decimal(rng.randint(*look.fees[status])) / 100 if managed else None,
        "collection_rate": Decimal(rng.randint(*rates)) / 1000 if managed else None,
    }


def _with_lifts(rng: random.Random, survey: Survey) -> Survey:
    """The same survey with a column of its own, as a street may add one (P-A1c)."""
    heading = "电梯数"
    rows = tuple(
        replace(
            row,
            added={heading: str(rng.randint(1, 3) * (row.buildings or 0) if (row.built or 0) > 2004 else 0)},
        )
        for row in survey.rows
    )
    return replace(survey, rows=rows, added=(heading,))


# ----------------------------------------------------------------------------------------------- mistakes
def _form(
    survey: Survey, edits: Mapping[tuple[int, str], Value], without: str = "", total: Value = None
) -> bytes:
    """The survey in the official form with cells overwritten, a column left out or a total put in by hand.

    edits: by index of the row and key of the column; total: the households in the total row.
    """
    keys = [known.key for known in OFFICIAL]
    rows = [form_cells(number, row) for number, row in enumerate(survey.rows, 1)]
    for (row, key), value in edits.items():
        rows[row][keys.index(key)] = value
    if total is not None:
        rows.append([{"number": "合计", "households": total}.get(key, "") for key in keys])
    kept = [index for index, key in enumerate(keys) if key != without]
    columns = form_columns()
    return table(
        [columns[index] for index in kept],
        ([row[index] for index in kept] for row in rows),
        Layout(
            sheet="统计表",
            label="附件1",
            title=TITLE,
            above=above_the_table(survey),
            total="合计" if total is None else "",
            notes=NOTES,
            created=SURVEYED,
        ),
    )


def _renamed_csv(survey: Survey) -> bytes:
    lines = [",".join(known.heading for known in OFFICIAL)]
    lines += [",".join(str(cell or "") for cell in form_cells(1, row)) for row in survey.rows]
    return "\r\n".join(lines).encode("gb18030")


@dataclass(frozen=True)
class Mistake:
    """A workbook with one mistake: its file, what it shows, and how it is made from a sound survey."""

    file: str
    shows: str
    make: Callable[[Survey], bytes]


MISTAKES: Final = (
    Mistake(
        "缺少一列.xlsx",
        "删掉了“收费率”一列：指出缺哪一列，整份退回",
        lambda survey: _form(survey, {}, "collection_rate"),
    ),
    Mistake(
        "街道名称写错.xlsx",
        "第一个小区的“所在街道”写成“旱台镇”：提示正确名称",
        lambda survey: _form(survey, {(0, "street"): "旱台镇"}),
    ),
    Mistake(
        "现状填写有误.xlsx",
        "“物业管理现状”写成“有物业”：只能填三项之一",
        lambda survey: _form(survey, {(1, "status"): "有物业"}),
    ),
    Mistake(
        "党员多于委员.xlsx",
        "业委会委员 5 人、党员 7 人",
        lambda survey: _form(survey, {(2, "members"): 5, (2, "party_members"): 7}),
    ),
    Mistake(
        "数字里有文字.xlsx",
        "户数写成“约300户”，楼栋数写成“3栋”",
        lambda survey: _form(survey, {(0, "households"): "约300户", (3, "buildings"): "3栋"}),
    ),
    Mistake(
        "小区重复.xlsx",
        "最后一行与第一行是同一个小区：指出两行的行号",
        lambda survey: write(replace(survey, rows=(*survey.rows, survey.rows[0])), created=SURVEYED),
    ),
    Mistake(
        "合计不符.xlsx",
        "合计行的户数与各行之和不符：只提醒，不退回",
        lambda survey: _form(survey, {}, total=1),
    ),
    Mistake("改了扩展名.xlsx", "把 .csv 文件改名为 .xlsx：不是工作簿，退回", _renamed_csv),
)
_BASE: Final = "罕台镇"


def write_sample(folder: Path, seed: int = SEED) -> dict[str, Survey]:
    """Write the sample district into the folder, and the workbooks with mistakes into a folder in it."""
    surveys = district(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number, (street, survey) in enumerate(surveys.items(), 1):
        (folder / f"{number:02}-{street}.xlsx").write_bytes(write(survey, created=SURVEYED))
    wrong = folder / "with-mistakes"
    wrong.mkdir(exist_ok=True)
    for mistake in MISTAKES:
        (wrong / mistake.file).write_bytes(mistake.make(surveys[_BASE]))
    (wrong / "README.txt").write_text(_readme(), "utf-8")
    return surveys


def _readme() -> str:
    lines = [
        "这里的每个工作簿都由一份正确的统计表改出一处错误，用来查看导入时的提示。",
        "其中的社区、小区、企业和联系人都是虚构的。",
        "",
        *(f"{mistake.file}\n    {mistake.shows}。" for mistake in MISTAKES),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m services.property.sample", description="生成虚构的示例统计表"
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("var/sample"), help="存放的文件夹，默认 var/sample"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="随机种子；相同的种子得到相同的文件")
    chosen = parser.parse_args()
    surveys = write_sample(chosen.folder, chosen.seed)
    compounds = sum(len(survey.rows) for survey in surveys.values())
    sys.stdout.write(
        f"已在 {chosen.folder} 写入 {len(surveys)} 份统计表，共 {compounds} 个小区（均为虚构）；"
        f"有错误的 {len(MISTAKES)} 份在 {chosen.folder / 'with-mistakes'}。\n"
    )


if __name__ == "__main__":
    main()
