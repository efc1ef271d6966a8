"""A month's bulletin over all services, against figures counted by hand from what each request says of itself."""

import io
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from python_calamine import load_workbook

from kit.district.clock import SHANGHAI

pytestmark = pytest.mark.clause("P-2.2.2b")

#: A town that no other scenario has requests in, so that its group is what this test made.
TOWN, CLIENT = "铜川镇", "town-tongchuan"
REQUESTS = "/dispatch/v1/requests"
DONE = {"sign": "signed_at", "contact": "contacted_at", "answer": "answered_at"}


@pytest.fixture
def requests(district):
    """Two of the town's own and one of another service, worked on; and two that lie there since two months."""
    with district.client("hotline") as hotline, district.client(CLIENT) as town:
        justice = district.client("operator")

        def sent(matter, **fields):
            body = {"matter": matter, "summary": "楼道灯不亮", "division": TOWN} | fields
            taken = hotline.post(REQUESTS, json=body | {"external_number": f"bulletin-{time.time_ns()}"})
            assert taken.status_code == 201, taken.text
            return f"{REQUESTS}/{taken.json()['number']}"

        def act(http, path, action, **said):
            done = http.post(f"{path}/{action}", json=said)
            assert done.status_code == 200, done.text

        good = sent("property-service")
        act(town, good, "accept")
        act(town, good, "contact", note="已电话联系")
        act(town, good, "answer", note="已更换灯泡")
        act(hotline, good, "close")
        act(hotline, good, "call-back", reached=True, solved=True, satisfied=True)

        redone = sent("property-service")
        act(town, redone, "answer", note="已报物业")
        act(hotline, redone, "call-back", reached=True, solved=False, satisfied=False)
        act(hotline, redone, "redo", note="来电人说没有修")
        act(town, redone, "answer", note="已修好")
        act(hotline, redone, "call-back", reached=True, solved=True, satisfied=False)

        asked = sent("law-consultation")
        act(justice, asked, "accept")
        act(justice, asked, "answer", note="请见民法典第二百七十八条")
        act(hotline, asked, "call-back", reached=False)

        long_ago = (datetime.now(SHANGHAI).replace(day=2, hour=9) - timedelta(days=60)).replace(day=2)
        sent("property-service", received_at=long_ago.isoformat())
        sent("law-consultation", received_at=(long_ago + timedelta(days=3)).isoformat())

        listed = hotline.get(REQUESTS, params={"division": TOWN, "limit": 200}).json()["items"]
        yield [hotline.get(f"{REQUESTS}/{each['number']}").json() for each in listed]
        justice.close()


def month_of(moment):
    return moment[:7]


def by_hand(requests, now):
    """Numerator and denominator of each figure by month, from the requests' own times."""
    above, below = Counter(), Counter()

    def count(figure, month, done):
        below[month, figure] += 1
        above[month, figure] += done

    for request in requests:
        count("received", month_of(request["received_at"]), done=True)
        for leg in request["legs"]:
            for figure, field in DONE.items():
                # What was answered without more was signed and the citizen contacted by that.
                at = leg[field] or leg["answered_at"]
                due = leg[f"{figure}_due_at"]
                if at or due < now:
                    count(figure, month_of(due), done=bool(at) and at <= due)
            count("returned", month_of(request["received_at"]), done=False)
        steps = request["steps"]
        redone = [step["at"] for step in steps if step["action"] == "redo"]
        answers = [step["at"] for step in steps if step["action"] == "answer"] + redone
        if answers:
            count("redone", month_of(max(answers)), done=bool(redone))
        if request["reached"]:
            month = month_of(request["called_back_at"])
            lead = next(leg for leg in request["legs"] if leg["lead"])
            count("response", month, (lead["contacted_at"] or lead["answered_at"]) <= lead["contact_due_at"])
            count("solved", month, request["solved"] is True)
            count("satisfied", month, request["satisfied"] is True)
            count("satisfaction", month, request["satisfied"] is True)
    return above, below


def of_town(answer):
    (group,) = [each for each in answer["groups"] if each["key"] == TOWN]
    return {
        figure["figure"]: (figure["numerator"], figure["denominator"])
        for figure in group["figures"]
        if figure["denominator"]
    }


def of_workbook(content, bulletin):
    """The same out of the workbook that is sent on: of each figure numerator, denominator, what is left out, rank."""
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_name("分子分母和名次").to_python()
    (row,) = [row for row in rows if row[0] == TOWN]
    figures = [each["figure"] for each in bulletin["total"]]
    cells = [row[1 + 4 * place :][:2] for place in range(len(figures))]
    return {figure: (int(up), int(down)) for figure, (up, down) in zip(figures, cells, strict=True) if down}


def test_each_months_bulletin_says_what_its_requests_say(district, requests):
    now = datetime.now(SHANGHAI).isoformat()
    above, below = by_hand(requests, now)
    # What is due in a month to come has its bulletin then.
    months = sorted({month for month, _ in below if month <= month_of(now)})
    assert len(requests) == 5
    assert len(months) >= 2
    with district.client("hotline") as http:
        for month in months:
            asked = {"month": month, "by": "street", "known_at": now}
            answer = http.get("/dispatch/v1/bulletin", params=asked)
            assert answer.status_code == 200, answer.text
            bulletin = answer.json()
            assert bulletin["unavailable"] == []
            expected = {
                figure: (above[month, figure], count) for (at, figure), count in below.items() if at == month
            }
            assert of_town(bulletin) == expected, month
            workbook = http.get("/dispatch/v1/bulletin", params=asked | {"format": "xlsx"})
            assert of_workbook(workbook.content, bulletin) == expected, month
