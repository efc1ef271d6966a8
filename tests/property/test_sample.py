from pathlib import Path

import pytest

from kit.workbooks.reading import NotAWorkbook, read
from services.property.divisions import street_names
from services.property.sample import MADE_UP, MISTAKES, district, write_sample
from services.property.surveys.form import Status, Survey, parse

DISTRICT = district()
ROWS = [row for survey in DISTRICT.values() for row in survey.rows]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


def opened(file: Path) -> Survey:
    return parse(read(file.read_bytes()), streets=street_names(), year=2024)


@pytest.fixture(scope="module")
def surveys(folder) -> list[Survey]:
    """What the workbooks without mistakes say, in the order of their names."""
    return [opened(file) for file in sorted(folder.glob("*.xlsx"))]


def test_every_street_and_town_has_its_workbook_in_the_official_form(surveys):
    assert {row.street for survey in surveys for row in survey.rows} == street_names()
    assert len(surveys) == 15


def test_the_workbooks_are_without_mistakes_and_say_what_was_made_up(surveys):
    assert surveys == list(DISTRICT.values())
    assert [survey.errors + survey.warnings for survey in surveys] == [()] * 15


def test_everything_made_up_says_so():
    assert all(row.compound.endswith(MADE_UP) and row.community.endswith(MADE_UP) for row in ROWS)
    assert all(row.company.endswith(MADE_UP) for row in ROWS if row.company)
    assert all(survey.contact.endswith(MADE_UP) for survey in DISTRICT.values())
    assert all(survey.phone.startswith("0477-0000") for survey in DISTRICT.values())


def test_the_district_is_near_the_targets_of_2024_and_not_at_them():
    covered = sum(row.status is not Status.NONE for row in ROWS) / len(ROWS)
    with_committee = sum(bool(row.members) for row in ROWS) / len(ROWS)

    assert 300 < len(ROWS) < 600
    assert 0.9 < covered < 1
    assert 0.65 < with_committee < 0.8


def test_towns_have_few_and_small_compounds():
    towns = [survey for name, survey in DISTRICT.items() if name.endswith("镇")]

    assert max(len(survey.rows) for survey in towns) < min(
        len(survey.rows) for name, survey in DISTRICT.items() if name.endswith("街道")
    )
    assert max(row.households for survey in towns for row in survey.rows) < 250


def test_equal_seeds_give_equal_bytes_and_others_another_district(folder, tmp_path):
    write_sample(tmp_path / "again")
    write_sample(tmp_path / "other", seed=7)

    for file in folder.rglob("*.*"):
        assert (tmp_path / "again" / file.relative_to(folder)).read_bytes() == file.read_bytes()
    assert district(7) != DISTRICT
    assert all(opened(file).errors == () for file in (tmp_path / "other").glob("*.xlsx"))


WRONG = {
    "缺少一列.xlsx": [("", 5, "P-A1c")],
    "街道名称写错.xlsx": [("B", 6, "P-A1a")],
    "现状填写有误.xlsx": [("I", 7, "P-A1b")],
    "党员多于委员.xlsx": [("L", 8, "P-A1a")],
    "数字里有文字.xlsx": [("F", 6, "P-A1a"), ("E", 9, "P-A1a")],
    "小区重复.xlsx": [("D", 15, "P-A1a")],
    "合计不符.xlsx": [],
    "改了扩展名.xlsx": None,
}


@pytest.mark.clause("P-A1a", "P-A1b", "P-A1c")
@pytest.mark.parametrize(("file", "errors"), WRONG.items(), ids=list(WRONG))
def test_each_workbook_with_a_mistake_has_that_one(folder, file, errors):
    path = folder / "with-mistakes" / file
    if errors is None:
        with pytest.raises(NotAWorkbook):
            opened(path)
        return

    found = opened(path)
    assert [(error.column, error.row, error.clause) for error in found.errors] == errors
    assert [(warning.column, warning.row) for warning in found.warnings] == [("F", 15)] * (not errors)


def test_the_readme_tells_of_every_workbook(folder):
    told = (folder / "with-mistakes" / "README.txt").read_text("utf-8")

    assert {mistake.file for mistake in MISTAKES} == set(WRONG)
    assert all(mistake.file in told and mistake.shows in told for mistake in MISTAKES)
