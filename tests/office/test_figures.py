"""Measures show what the property service computes of them now, and say so where it does not answer (P-4.2)."""

import httpx2
import pytest
from pydantic import SecretStr

from kit.settings import OtherService
from services.office.app import service
from services.property.app import service as property_service
from tests.property.conftest import row, workbook

MEASURES = "/programmes/property-three-year/measures"
OTHER = OtherService(
    url="http://property", token_url="http://gateway/token", client="office-service", secret=SecretStr("x")
)


def asking(serve, answer):
    """A reader of the office, which asks for figures whoever answers so."""
    running = serve(service, property_service=OTHER)
    running.database.http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return running.client("office:read")


@pytest.fixture
def property(serve):
    """The property service itself, with two compounds, one of which is covered."""
    running = serve(property_service)
    files = {"file": ("摸底表.xlsx", workbook(row("甲小区"), row("乙小区", status="无物业", company="")))}
    answer = running.client().post("/surveys", files=files, params={"as_of": "2024-06-20"})
    assert answer.status_code == 201, answer.text
    return running


@pytest.fixture
def office(serve, property):
    """A reader of the office that asks the property service, whose gateway gives out its tokens."""
    headers = property.client("property:read")._headers
    asked = []

    def answer(request):
        if request.url.host == "gateway":
            token = headers["Authorization"].removeprefix("Bearer ")
            return httpx2.Response(200, json={"access_token": token, "expires_in": 3600})
        asked.append(request.url.path)
        told = property.http.get(request.url.raw_path.decode(), headers=dict(request.headers))
        return httpx2.Response(told.status_code, content=told.content)

    reader = asking(serve, answer)
    reader.asked = asked
    return reader


def figures(reader, number):
    answer = reader.get(f"{MEASURES}/{number}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.clause("P-4.2")
def test_coverage_is_shown_as_the_property_service_counts_it_now(office):
    told = figures(office, "2.4.1")
    [figure] = told["figures"]
    assert (figure["title"], figure["value"], figure["target"]) == ("物业服务覆盖率", "0.5000", "1")
    assert (figure["met"], figure["by"]) == (False, "2024-12-31")
    assert told["figures_note"] == ""
    assert told["figures_at"] == "2024-06-24T09:30:00+08:00"
    assert told["printed"][0]["written"] == "各街道"
    assert office.asked == ["/property/v1/coverage"]


@pytest.mark.clause("P-4.2")
def test_inspections_are_shown_by_how_many_owe_one(office, property):
    before = figures(office, "2.2.3")["figures"]
    assert [(each["title"], each["owing"], each["done"]) for each in before] == [
        ("小区季度联合执法检查", 1, 0)
    ]
    assert before[0]["value"] is None


@pytest.mark.clause("P-4.2")
def test_every_figure_of_the_plan_is_told_by_the_property_service(office):
    told = office.get("/programmes/property-three-year/figures").json()
    assert {each["figures_note"] for each in told["items"]} == {""}
    assert len(told["items"]) == 17
    assert sorted(office.asked) == ["/property/v1/coverage", "/property/v1/duties/summary"]


@pytest.mark.clause("P-4.2")
def test_a_measure_without_a_figure_asks_nobody(office):
    told = figures(office, "2.3.5")
    assert (told["figures"], told["figures_note"], office.asked) == ([], "", [])
    assert office.get("/programmes/traditional-medicine/figures").json()["items"] == []


def _refused(request):
    raise httpx2.ConnectError("refused", request=request)


@pytest.mark.clause("P-4.2")
@pytest.mark.parametrize(
    "answer",
    [_refused, lambda _: httpx2.Response(503), lambda _: httpx2.Response(200, json={"access_token": "x"})],
)
def test_where_the_property_service_is_silent_the_answer_says_so_and_goes_on(serve, answer):
    told = figures(asking(serve, answer), "2.6.3")
    assert "物业服务暂时没有答复" in told["figures_note"]
    assert "红色物业小区数、改造后小区" in told["figures_note"]
    assert {each["value"] for each in told["figures"]} == {None}
    assert told["title"] == "改造后小区的管理模式、规约和维修资金"


@pytest.mark.clause("P-4.2")
def test_where_a_deployment_names_no_property_service_the_answer_says_so(serve):
    told = figures(serve(service).client("office:read"), "2.4.1")
    assert "暂缺" in told["figures_note"]
