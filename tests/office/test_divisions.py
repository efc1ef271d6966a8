"""Division documents: loaded, entered, withdrawn; which one is in force (D-1, D-3)."""

import copy

import pytest

from services.office.leaders.work import load_divisions
from tests.office.test_in_charge import acting, asked

IN_FORCE = "/division-documents/in-force"


def document(number: str = "东政办发〔2025〕7号", day: str = "2025-03-01", **changes):
    """A made-up document in which another leader is in charge of the emergency bureau."""
    return {
        "number": number,
        "title": "关于区政府领导工作分工的通知（虚构）",
        "effective_on": day,
        "source": "虚构",
        "leaders": [
            {"leader": "han-tao", "name": "韩涛", "post": "区长", "directs_all": True},
            {
                "leader": "wang-zhi",
                "name": "王志",
                "post": "副区长",
                "fields": ["应急管理"],
                "in_charge": [{"unit": "区应急局"}, {"unit": "区商务局（外贸）", "scope": "外贸"}],
                "assists": [{"leader": "new-leader", "fields": ["口岸"]}],
            },
            {"leader": "new-leader", "name": "某新任（虚构）", "post": "副区长"},
        ],
        "pairs": [{"one": "wang-zhi", "other": "new-leader"}],
    } | changes


def enter(desk, body):
    return desk.post("/division-documents", json=body)


@pytest.mark.clause("D-1", "D-2", "D-3")
def test_the_document_of_2024_is_loaded_with_all_that_it_says(desk):
    found = desk.get(IN_FORCE).json()
    assert (found["number"], found["effective_on"]) == ("东政办发〔2024〕29号", "2024-06-07")
    assert [each["name"] for each in found["leaders"]][:3] == ["韩涛", "杜娟", "高明"]
    by_name = {each["name"]: each for each in found["leaders"]}
    gao = by_name["高明"]
    units = {
        kind: [each for each in gao["units"] if each["relation"] == kind]
        for kind in ("charge", "help", "contact")
    }
    assert [len(each) for each in units.values()] == [13, 1, 17]
    assert (units["help"][0]["unit"]["name"], units["help"][0]["helps"]) == ("区审计局", "han-tao")
    assert units["charge"][4]["written"] == "区应急管理局（区矿山安全监管局）"
    assert gao["fields"][:4] == ["发展改革", "铁路", "口岸", "统计"]
    assert [(each["name"], each["fields"]) for each in by_name["杨云"]["assists"]] == [("高明", ["口岸"])]
    assert [(each["name"], each["fields"]) for each in by_name["温贵平"]["assists"]] == [("高明", [])]
    assert [(each["one"]["name"], each["other"]["name"]) for each in found["pairs"]][-1] == ("王慧春", "杨云")
    assert len(found["pairs"]) == 7
    assert [each["name"] for each in found["leaders"] if each["directs_all"]] == ["韩涛"]


@pytest.mark.clause("D-1")
def test_loading_the_documents_again_changes_nothing_and_brings_back_nothing_withdrawn(office, desk):
    tables = (
        "division_documents",
        "division_entries",
        "division_units",
        "division_assists",
        "division_pairs",
    )

    def rows():
        return [office.sql(f"SELECT * FROM {each} ORDER BY 1, 2, 3") for each in tables]

    before = rows()
    office.run(load_divisions)
    assert rows() == before
    id = desk.get(IN_FORCE).json()["id"]
    assert desk.post(f"/division-documents/{id}/withdraw", json={"reason": "试"}).status_code == 200
    office.run(load_divisions)
    assert desk.get(IN_FORCE).status_code == 404


@pytest.mark.clause("D-3")
def test_a_new_document_counts_from_its_day_and_an_earlier_day_is_answered_from_the_older_one(desk):
    made = enter(desk, document())
    assert made.status_code == 201, made.text
    assert (
        desk.get(made.headers["Location"].removeprefix("/office/v1")).json()["number"]
        == "东政办发〔2025〕7号"
    )
    assert acting(asked(desk, "区应急管理局", "2025-02-28T23:59:59.999999+08:00")) == ["高明"]
    found = asked(desk, "区应急管理局", "2025-03-01T00:00:00+08:00")
    assert (acting(found), found["document"]["number"]) == (["王志"], "东政办发〔2025〕7号")
    for day, number in (("2025-02-28", "东政办发〔2024〕29号"), ("2025-03-01", "东政办发〔2025〕7号")):
        assert desk.get(IN_FORCE, params={"as_of": day}).json()["number"] == number
    assert asked(desk, "区商务局", "2025-03-01T00:00:00+08:00")["charges"][0]["scope"] == "外贸"


@pytest.mark.clause("D-3")
def test_before_the_first_document_there_is_none_and_it_says_so(desk):
    refused = desk.get(IN_FORCE, params={"as_of": "2024-06-06"})
    assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (404, "no-division-in-force")
    assert "2024-06-06 没有施行中的领导工作分工文件" in refused.json()["detail"]


@pytest.mark.clause("D-3")
def test_a_number_and_a_day_are_one_document_s_and_one_that_was_entered_wrongly_is_withdrawn(desk):
    first = enter(desk, document()).json()
    same_number = enter(desk, document(day="2025-04-01"))
    assert (same_number.status_code, same_number.json()["errors"][0]["pointer"]) == (409, "/number")
    same_day = enter(desk, document(number="东政办发〔2025〕8号"))
    assert (same_day.status_code, same_day.json()["errors"][0]["pointer"]) == (409, "/effective_on")
    path = f"/division-documents/{first['id']}/withdraw"
    assert desk.post(path, json={"reason": "录入有误"}).json()["withdrawn_because"] == "录入有误"
    assert desk.post(path, json={"reason": "录入有误"}).status_code == 409
    assert acting(asked(desk, "区应急管理局", "2025-03-01T00:00:00+08:00")) == ["高明"]
    assert enter(desk, document()).status_code == 201
    listed = desk.get("/division-documents").json()["items"]
    assert [each["withdrawn_at"] is None for each in listed] == [True, False, True]


def spoiled(how):
    body = copy.deepcopy(document())
    how(body)
    return body


@pytest.mark.clause("D-1", "D-2")
@pytest.mark.parametrize(
    ("how", "pointer"),
    [
        (lambda b: b["leaders"][1]["in_charge"].append({"unit": "区魔法局"}), "/leaders/1/in_charge/2/unit"),
        (
            lambda b: b["leaders"][1]["in_charge"].append({"unit": "区商务局（内贸）", "scope": "外贸"}),
            "/leaders/1/in_charge/2/unit",
        ),
        (
            lambda b: b["leaders"][1]["in_charge"].append({"unit": "区应急管理局"}),
            "/leaders/1/in_charge/2/unit",
        ),
        (lambda b: b["pairs"][0].update(other="no-body"), "/pairs/0/other"),
        (lambda b: b["pairs"][0].update(other="wang-zhi"), "/pairs/0/other"),
        (lambda b: b["pairs"].append({"one": "new-leader", "other": "wang-zhi"}), "/pairs/1"),
        (lambda b: b["leaders"][1]["assists"][0].update(leader="no-body"), "/leaders/1/assists/0/leader"),
        (
            lambda b: b["leaders"][1].update(helps=[{"unit": "区审计局", "leader": "wang-zhi"}]),
            "/leaders/1/helps/0/leader",
        ),
        (lambda b: b["leaders"][0].update(directs_all=False), "/leaders"),
        (lambda b: b["leaders"][1].update(directs_all=True), "/leaders"),
        (lambda b: b["leaders"][2].update(leader="wang-zhi"), "/leaders/2/leader"),
        (lambda b: b["leaders"][2].update(name="王志"), "/leaders/2/name"),
        (lambda b: b["leaders"][1].update(name="王某"), "/leaders/1/name"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place_and_nothing_is_written(office, desk, how, pointer):
    refused = enter(desk, spoiled(how))
    assert refused.status_code == 422, refused.text
    assert pointer in [each["pointer"] for each in refused.json()["errors"]]
    assert office.sql("SELECT count(*) FROM division_documents") == [(1,)]
    assert office.sql("SELECT count(*) FROM leaders WHERE slug = 'new-leader'") == [(0,)]


@pytest.mark.clause("D-2")
def test_the_database_itself_takes_no_pair_of_somebody_of_whom_the_document_says_nothing(office):
    office.sql("INSERT INTO leaders VALUES ('stranger', '某人')")
    [[id]] = office.sql("SELECT id FROM division_documents")
    with pytest.raises(Exception, match="fk_division_pairs_document_id_other"):
        office.sql("INSERT INTO division_pairs VALUES (%s, 99, 'gao-ming', 'stranger')", id)


@pytest.mark.clause("D-3")
def test_only_the_government_office_enters_documents_and_everybody_who_reads_sees_them(office):
    another = office.client("office:read", "office:write", "office:report", unit="emergency-bureau")
    assert enter(another, document()).status_code == 403
    street = office.client("office:read", division="天骄街道")
    assert street.get(IN_FORCE).status_code == 200
    names = {
        each["slug"]: each["name"] for each in street.get("/leaders", params={"limit": 100}).json()["items"]
    }
    assert (len(names), names["gao-ming"]) == (19, "高明")
