"""The bulletin of all services: added up, ranked anew, and said to be incomplete where one is away."""

import io
import json
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from kit.dispatch import bulletin
from kit.dispatch.bulletin import Group, Tally
from kit.dispatch.bulletin_api import BulletinOut
from kit.district.periods import Month
from tests.gateway.upstreams import json_reply, reply
from tests.kit.figures.looking import looked_at, said

JULY = Month(2024, 7)
AT = "2024-07-31T23:59:59+08:00"
READ = "dispatch:read"


def told(*groups, figure="answer"):
    """What a service answers: groups as (key, name, how many of the figure, of, the same a month before)."""
    made = [
        Group(
            key,
            name,
            {"received": Tally(of, of), figure: Tally(good, of, 1, 2)},
            {figure: Tally(*before)},
        )
        for key, name, good, of, before in groups
    ]
    answer = BulletinOut(month=JULY, by="unit", known_at=AT, **bulletin.shown(JULY, made))
    return json.loads(answer.model_dump_json())


PROPERTY = told(("housing-centre", "区房管服务中心", 6, 10, (1, 2)), (None, "未填写", 1, 1, (0, 0)))
OFFICE = told(
    ("housing-centre", "区房管服务中心", 4, 10, (1, 2)),
    ("government-office", "区人民政府办公室", 5, 10, (0, 4)),
)


@pytest.fixture
def serving(upstream):
    """`serving(answer, status)` is a service that answers so to whoever asks for its bulletin."""

    def start(answer, status=200):
        async def handle(seen, _, writer):
            kind = "application/json" if status == 200 else "application/problem+json"
            answered = reply(status, json.dumps(answer).encode(), kind=kind)
            writer.write(json_reply([]) if seen.path.endswith("/matters") else answered)

        return upstream(handle)

    return start


def ask(door, **params):
    return door.get("/dispatch/v1/bulletin", params={"month": "2024-07"} | params, headers=door.bearer(READ))


def sheets(answer):
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def figure(group, name):
    return next(each for each in group["figures"] if each["figure"] == name)


@pytest.mark.clause("P-2.2.2b")
def test_numerators_and_denominators_are_added_up_and_ranked_anew(gateway, serving):
    door = gateway(property=serving(PROPERTY), office=serving(OFFICE))
    whole = ask(door).json()
    groups = {each["key"]: each for each in whole["groups"]}
    answer = figure(groups["housing-centre"], "answer")
    assert (answer["numerator"], answer["denominator"], answer["rate"]) == (10, 20, "0.5000")
    assert (answer["excluded"], answer["pending"]) == (2, 4)
    assert (answer["previous"]["rate"], answer["change"]) == ("0.5000", "0.0000")
    # 10/20 and 5/10 are equal; one of one is below the minimum.
    assert [figure(each, "answer")["rank"] for each in whole["groups"]] == [None, 1, 1]
    total = next(each for each in whole["total"] if each["figure"] == "answer")
    assert (total["numerator"], total["denominator"]) == (16, 31)
    assert (whole["services"], whole["unavailable"], whole["incomplete"]) == (
        ["property", "office"],
        [],
        False,
    )


def test_what_is_asked_for_goes_on_to_each_service_with_the_caller_s_token(gateway, serving):
    office = serving(OFFICE)
    door = gateway(office=office)
    assert ask(door, by="matter", known_at=AT).status_code == 200
    seen = next(each for each in office.seen if not each.path.endswith("/matters"))
    assert seen.path == "/office/v1/dispatch/bulletin"
    assert parse_qs(urlsplit(seen.target).query) == {"month": ["2024-07"], "by": ["matter"], "known_at": [AT]}
    assert seen.header("authorization").startswith("Bearer ")


def test_a_service_that_is_away_is_named_in_every_form(gateway, serving, dead_address):
    door = gateway(office=serving(OFFICE), property=dead_address)
    whole = ask(door).json()
    assert (whole["unavailable"], whole["incomplete"], whole["services"]) == (["property"], True, ["office"])
    written = Document(io.BytesIO(ask(door, format="docx").content))
    assert any("不完整" in each.text and "property" in each.text for each in written.paragraphs)
    sheet = sheets(ask(door, format="xlsx"))["合计"]
    assert any("property" in str(cell) for row in sheet for cell in row)
    assert "不完整" in ask(door, format="svg").text


def test_a_service_whose_requests_have_no_company_is_left_out_and_named(gateway, serving):
    refusal = {"type": "urn:dongsheng:problem:no-such-grouping", "status": 422, "detail": "不能按企业统计。"}
    door = gateway(property=serving(PROPERTY), office=serving(refusal, 422))
    whole = ask(door, by="company").json()
    assert (whole["without"], whole["services"], whole["incomplete"]) == (["office"], ["property"], False)
    alone = ask(gateway(office=serving(refusal, 422)), by="company")
    assert (alone.status_code, alone.json()["type"]) == (422, refusal["type"])


def test_a_refusal_of_a_service_is_the_answer(gateway, serving):
    refusal = {"type": "urn:dongsheng:problem:in-the-future", "status": 422}
    answer = ask(gateway(property=serving(PROPERTY), office=serving(refusal, 422)))
    assert (answer.status_code, answer.json()) == (422, refusal)
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_workbook_has_the_numbers_and_a_chart(gateway, serving):
    door = gateway(office=serving(OFFICE))
    answer = ask(door, format="xlsx")
    book = sheets(answer)
    assert [*book] == ["合计", "各组比率", "分子分母和名次", "公式和口径"]
    assert ["按期答复率", 9, 20, 0.45, 0.1667, 0.2833, 2, 4] in book["合计"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        assert [name for name in parts.namelist() if name.startswith("xl/charts/")]


def test_the_document_says_each_figure_with_its_numbers_and_its_formula(gateway, serving):
    answer = ask(gateway(office=serving(OFFICE)), format="docx")
    text = [each.text for each in Document(io.BytesIO(answer.content)).paragraphs]
    assert text[0] == "2024年7月诉求办理情况通报"
    assert "按期答复率 45.00%（9/20），比上月上升 28.33 个百分点；因申诉得到支持不计 2 件。" in text
    assert any(
        each.startswith("区人民政府办公室：受理量 10 件；按期答复率 50.00%（5/10，第 1 名）") for each in text
    )
    assert any("按期答复率（第 2 版）：分子为" in each for each in text)


def test_the_picture_says_what_it_shows(gateway, serving):
    answer = ask(gateway(office=serving(OFFICE)), format="svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    drawn = said(looked_at(answer.text))
    assert "区人民政府办公室：按期答复率，50.00%，5/10；响应率，没有数据" in drawn


def test_the_picture_of_answers_counts_as_the_bulletin_does(gateway, serving):
    door = gateway(office=serving(OFFICE), property=serving(PROPERTY))
    drawn = said(looked_at(ask(door, format="svg", figure="answers", width=360).text))
    for group in ask(door).json()["groups"]:
        [one] = [each for each in group["figures"] if each["figure"] == "answer"]
        late = one["denominator"] - one["numerator"]
        assert f"{group['name']}，按期{one['numerator']}，逾期{late}，未到期{one['pending']}" in drawn
