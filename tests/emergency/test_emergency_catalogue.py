"""The plan as data: complete, consistent, and every entry with its clause."""

import shutil

import pytest
import yaml

from kit.district.units import Kind, units
from services.emergency.plan.catalogue import DATA, BrokenCatalogue, OpenUnit, catalogue, read
from services.emergency.plan.response import Part
from services.emergency.plan.warnings import Colour

PLAN = catalogue()


def names(ids):
    return [PLAN.unit(id).name for id in ids]


@pytest.mark.clause("E-A1a")
def test_all_28_rows_of_member_units_have_duties_and_two_rows_name_two_units():
    assert [row.row for row in PLAN.member_rows] == [*range(1, 29)]
    assert all(row.duties for row in PLAN.member_rows)
    assert {row.row: names(row.units) for row in PLAN.member_rows if len(row.units) == 2} == {
        25: ["东胜供电公司", "东胜铁西供电公司"],
        28: ["区人武部", "武警鄂尔多斯支队执勤一大队东胜中队"],
    }


@pytest.mark.clause("E-A1b")
def test_three_towns_and_twelve_streets_share_their_duties():
    assert (len(units(Kind.STREET)), len(units(Kind.TOWN))) == (12, 3)
    assert len(PLAN.street_duties) == 8


def test_the_headquarters_lists_28_units_and_three_of_them_have_no_row_of_duties():
    assert len(PLAN.members) == len(set(PLAN.members)) == 28
    listed = {unit for row in PLAN.member_rows for unit in row.units}
    assert names(id for id in PLAN.members if id not in listed) == [
        "区司法局",
        "区林业和草原分局",
        "区网络安全应急指挥中心",
    ]


@pytest.mark.clause("E-2.1a")
def test_the_headquarters_is_made_of_posts_each_with_who_holds_it_and_who_stands_in():
    posts = {post.id: post for post in PLAN.posts}

    assert posts["commander"].held_by == "区政府主要领导"
    assert posts["executive-deputy"].deputy_of == "commander"
    assert [id for id, post in posts.items() if post.deputy_of == "executive-deputy"] == [
        "deputy-mayors",
        "deputy-armed-forces",
        "deputy-government-office",
        "deputy-emergency",
        "deputy-fire",
    ]
    assert posts["office-director"].unit == "emergency-bureau"


GROUPS = {
    "综合协调组": ["区应急管理局"],
    "专业处置组": ["区消防救援大队"],
    "社会面管控组": ["区公安分局"],
    "综合保障组": ["事发地镇街道"],
    "医疗救护组": ["区卫生健康委员会"],
    "环境气象组": ["区生态环境分局", "区气象局"],
    "通信保障组": ["区工信和科技局"],
    "新闻发布组": ["区委宣传部"],
    "现场专家组": ["区应急管理局"],
}


def test_nine_groups_have_their_leads_and_the_environment_and_weather_group_two():
    assert {group.name: names(group.leads) for group in PLAN.groups} == GROUPS
    assert all(group.duties for group in PLAN.groups)


def test_the_medical_group_answers_to_its_other_name_without_being_a_tenth():
    assert PLAN.group("医疗保障组") is PLAN.group("医疗救护组")


@pytest.mark.parametrize(
    ("part", "count"),
    [(Part.OFFICE, 8), (Part.DEPARTMENTS, 3), (Part.HEADQUARTERS, 7), (Part.CITY, 1), (Part.SUPPORT, 1)],
)
def test_each_part_of_the_levels_has_the_plan_s_number_of_tasks(part, count):
    assert len([task for task in PLAN.tasks if task.part is part]) == count


def test_first_response_has_tasks_for_company_street_headquarters_and_public():
    first = [task for task in PLAN.tasks if task.part is Part.FIRST_RESPONSE]
    owners = {owner for task in first for owner in task.owners}

    assert owners >= {"accident-unit", "local-street", "emergency-headquarters", "public"}
    assert {"区公安分局", "区消防救援大队", "区卫生健康委员会", "区应急管理局", "区委宣传部"} <= {
        *names(owners)
    }
    assert next(task for task in first if task.id == "unit-report").deadline == "phone-report"


def actions(colour):
    return [action.id for action in PLAN.actions_of(colour)]


@pytest.mark.clause("E-3.3c")
def test_yellow_adds_to_blue_and_orange_and_red_add_to_yellow_under_the_higher_headquarters():
    blue, yellow = actions(Colour.BLUE), actions(Colour.YELLOW)

    assert blue
    assert yellow[: len(blue)] == blue
    assert len(yellow) > len(blue)
    assert actions(Colour.ORANGE) == actions(Colour.RED) == [*yellow, "follow-higher-warning"]


def test_supervising_departments_are_the_19_that_keep_a_plan_for_their_field():
    supervising = [unit.name for unit in PLAN.units if unit.supervises]

    assert len(supervising) == 19
    assert {"区应急管理局", "区能源局", "区住房和城乡建设局"} <= set(supervising)
    assert "区财政局" not in supervising


def test_revision_has_five_triggers():
    assert len(PLAN.revision_triggers) == 5


def test_a_member_of_the_headquarters_is_never_left_open():
    assert not any(isinstance(PLAN.unit(id), OpenUnit) for id in PLAN.members)


def broken(tmp_path, file, change):
    """A copy of the data with one file changed."""
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / file
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True))
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("file", "change", "fault"),
    [
        ("flow.yaml", lambda c: c["steps"][0].update(clause="E-9.9"), "flow-report cites E-9.9"),
        ("units.yaml", lambda c: c["units"][0].update(id="nobody"), "nobody is no canonical unit"),
        ("flow.yaml", lambda c: c["steps"].append(c["steps"][0]), "flow-report stands 2 times"),
        ("tasks.yaml", lambda c: c["tasks"][0].update(id="commander"), "commander stands 2 times"),
        ("tasks.yaml", lambda c: c["tasks"][0].update(owners=["nobody"]), "unit nobody"),
        ("tasks.yaml", lambda c: c["tasks"][0].update(deadline="someday"), "deadline someday"),
        ("tasks.yaml", lambda c: c["tasks"][0].update(owner="fire"), "tasks/0/owner"),
        ("tasks.yaml", lambda c: c["tasks"][0].pop("clause"), "tasks/0/clause"),
        ("tasks.yaml", lambda c: c["tasks"][0].update(part="other"), "tasks/0/part"),
        ("headquarters.yaml", lambda c: c["members"].append("nobody"), "members names the unit nobody"),
        ("headquarters.yaml", lambda c: c["posts"][1].update(deputy_of="king"), "post king"),
        ("groups.yaml", lambda c: c["groups"][0].update(leads=["nobody"]), "unit nobody"),
        ("route.yaml", lambda c: c["steps"][0].update(sender="nobody"), "unit nobody"),
        ("deadlines.yaml", lambda c: c["deadlines"][2].update(law="none"), "law none"),
        ("deadlines.yaml", lambda c: c["deadlines"][0].update(days=3), "phone-report runs for"),
    ],
)
def test_a_fault_in_the_data_is_named(tmp_path, file, change, fault):
    with pytest.raises(BrokenCatalogue) as refused:
        read(broken(tmp_path, file, change))

    assert fault in str(refused.value)


def test_an_unknown_group_or_unit_is_a_key_error():
    with pytest.raises(KeyError):
        PLAN.group("后勤组")
    with pytest.raises(KeyError):
        PLAN.unit("nobody")
