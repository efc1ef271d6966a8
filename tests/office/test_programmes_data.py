"""The two programmes as their documents print them: chapters, measures, responsible units, stages (P-4.2, T-3, T-5)."""

from collections import Counter
from datetime import date

import pytest
from pydantic import ValidationError

from kit.district import units
from kit.district.periods import Month
from services.office.app import service
from services.office.plan.programmes import ProgrammeData, programmes
from services.office.programmes.loading import load_programmes
from services.property.plan.coverage import TARGETS
from services.property.plan.duties import DUTIES

PROGRAMMES = {each.id: each for each in programmes()}
PROPERTY, MEDICINE = PROGRAMMES["property-three-year"], PROGRAMMES["traditional-medicine"]
MEASURES = {each.number: each for each in PROPERTY.measures}


@pytest.mark.clause("P-4.2")
def test_the_plan_has_its_thirty_measures_in_seven_chapters():
    counted = Counter(PROPERTY.chapter(each).number for each in PROPERTY.measures)
    assert counted == {"1": 3, "2": 8, "3": 6, "4": 6, "5": 3, "6": 3, "7": 1}
    assert [each.at for each in PROPERTY.chapters] == [f"二({n})" for n in "一二三四五六七"]


@pytest.mark.clause("P-4.2")
def test_measures_stand_in_the_documents_order_and_cite_the_clauses_of_their_place():
    assert list(MEASURES) == sorted(MEASURES)
    for number, measure in MEASURES.items():
        assert measure.clauses
        assert all(each.startswith(f"P-{number}") or number == "2.4.1" for each in measure.clauses), number


@pytest.mark.clause("P-4.2")
@pytest.mark.parametrize(
    ("number", "printed"),
    [
        ("2.1.1", "各街道 相关镇 各社区"),
        ("2.2.2", "区行政审批和政务服务局 各街道 相关镇 各社区"),
        (
            "2.2.3",
            "区法院 各街道 相关镇 各社区 区住建局 市场监管局 城管执法局 公安分局 住房保障综合服务中心 消防救援大队 东胜供电公司",
        ),
        ("2.2.5", "区住房保障综合服务中心"),
        ("2.3.6", "区编委办 区财政局 住房保障综合服务中心"),
        ("2.4.3", "区财政局 国资委 住房保障综合服务中心 各街道 相关镇"),
        ("2.5.2", "各街道 相关镇 各相关部门"),
        (
            "2.6.1",
            "区工科局 住建局 水务集团 住房保障综合服务中心 东胜供电公司 铁西供电公司 各街道 相关镇",
        ),
        (
            "2.6.2",
            "区文明办 卫健委 住建局 环卫服务中心 园林发展中心 市政服务中心 住房保障综合服务中心 各街道 相关镇",
        ),
        ("2.7", "区住房保障综合服务中心"),
    ],
)
def test_responsible_units_are_written_as_they_are_printed(number, printed):
    assert MEASURES[number].units == printed.split()


@pytest.mark.clause("P-4.2")
def test_every_printed_unit_is_a_unit_of_the_canon_under_an_id_of_its_own():
    written = {each for measure in PROPERTY.measures for each in measure.units}
    assert {each: units.unit(each).id for each in ("水务集团", "区编委办", "区法院", "铁西供电公司")} == {
        "水务集团": "water-group",
        "区编委办": "staffing-office",
        "区法院": "court",
        "铁西供电公司": "tiexi-power",
    }
    together = {each for each in written if units.unit(each).kind is units.Kind.COLLECTIVE}
    assert together == {"各街道", "相关镇", "各社区", "各相关部门"} == set(PROPERTY.expands)


@pytest.mark.clause("P-4.2")
def test_the_streets_are_twelve_the_towns_three_and_communities_report_through_them():
    found = [each.unit for each in PROPERTY.responsible(MEASURES["2.1.1"])]
    kinds = Counter(units.unit(each).kind for each in found)
    assert kinds == {units.Kind.STREET: 12, units.Kind.TOWN: 3}


@pytest.mark.clause("P-4.2")
def test_departments_that_the_plan_does_not_name_owe_nothing_until_somebody_names_them():
    found = {each.written for each in PROPERTY.responsible(MEASURES["2.5.2"])}
    assert found == {"各街道", "相关镇"}


@pytest.mark.clause("P-4.2")
def test_stages_of_the_plan_are_as_precise_as_it_is():
    assert [(each.name, each.begins, each.ends) for each in PROPERTY.stages] == [
        ("启动准备阶段", Month(2024, 4), Month(2024, 4)),
        ("组织实施阶段", Month(2024, 4), Month(2026, 4)),
        ("总结评价阶段", Month(2026, 4), Month(2026, 4)),
    ]


@pytest.mark.clause("T-3")
def test_the_demonstration_district_has_four_stages_without_a_date():
    assert [each.name for each in MEDICINE.stages] == [
        "安排部署阶段",
        "组织申报评审阶段",
        "全面推进阶段",
        "评审验收阶段",
    ]
    assert {(each.begins, each.ends) for each in MEDICINE.stages} == {(None, None)}
    assert [each.number for each in MEDICINE.stages if each.assesses] == [2]
    assert [each.number for each in MEDICINE.stages if each.corrects] == [3]


@pytest.mark.clause("T-5")
def test_every_department_reports_to_the_health_commission_but_itself():
    [measure] = MEDICINE.measures
    found = {each.unit for each in MEDICINE.responsible(measure)}
    assert found == {each.id for each in units.units(units.Kind.DEPARTMENT)} - {"health-commission"}
    assert [each.month for each in MEDICINE.reporting_dates] == [Month(2024, each) for each in (6, 9, 12)]


@pytest.mark.clause("P-4.2")
def test_every_figure_is_one_that_the_property_service_computes():
    figures = [each for measure in PROPERTY.measures for each in measure.figures]
    assert {each.duty for each in figures} - {None} <= set(DUTIES)
    assert {each.share for each in figures} - {None} <= {each.measure for each in TARGETS}
    for measure in PROPERTY.measures:
        for each in measure.figures:
            if each.duty is not None:
                assert DUTIES[each.duty].clause.startswith(f"P-{measure.number}")


def test_a_word_for_several_units_that_is_not_said_what_it_stands_for_is_refused():
    broken = PROPERTY.model_dump() | {"expands": {}}
    with pytest.raises(ValidationError, match="各街道 stands for is not said"):
        ProgrammeData.model_validate(broken)


def test_loading_again_changes_nothing(serve):
    office = serve(service)
    tables = ("programmes", "programme_stages", "measures", "measure_units", "reporting_dates")

    def kept():
        return {each: office.sql(f"SELECT t::text FROM {each} AS t ORDER BY 1") for each in tables}

    office.sql("UPDATE programme_stages SET state = 'open', opened_on = '2024-04-19' WHERE number = 1")
    office.sql(
        "UPDATE measure_units SET until = '2024-06-01', released_for = '无关' WHERE unit = 'tongchuan-town'"
    )
    before = kept()
    office.clock.advance(days=1)
    office.run(load_programmes)
    assert kept() == before
    assert {each: len(rows) for each, rows in before.items()} == {
        "programmes": 2,
        "programme_stages": 7,
        "measures": 31,
        "measure_units": sum(
            len(list(each.responsible(measure))) for each in programmes() for measure in each.measures
        ),
        "reporting_dates": 3,
    }
    assert office.sql(
        "SELECT DISTINCT since FROM measure_units WHERE programme_id = 'traditional-medicine'"
    ) == [(date(2024, 4, 22),)]
