"""A month's bulletin, recomputed by hand: a small made-up month with every special case (P-2.2.2b)."""

from datetime import datetime

import pytest

from kit.dispatch.handing_on import HandingOn
from kit.district.clock import SHANGHAI
from tests.kit.dispatch.test_requests import service

OFFICE, HOUSING, TIANJIAO = "government-office", "housing-centre", "tianjiao-street"


class Desk:
    """The hotline and the units of a service, acting at the times that a test says."""

    def __init__(self, office):
        self.office = office
        self.hotline = office.client("dispatch:write", "dispatch:read", name="12345")
        self.unit = office.client("dispatch:any-unit", "dispatch:read", "office:write", name="units")

    def at(self, month, day, time="09:00"):
        hour, minute = map(int, time.split(":"))
        self.office.clock.now = datetime(2024, month, day, hour, minute, tzinfo=SHANGHAI)
        return self

    def take(self, **changes):
        body = {"matter": "government-affairs", "summary": "咨询办事流程", "division": "天骄街道"} | changes
        answer = self.hotline.post("/dispatch/requests", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["number"]

    def do(self, number, action, **body):
        hotline = action not in ("accept", "contact", "answer", "ask-return", "ask-extension", "appeal")
        caller = self.hotline if hotline else self.unit
        answer = caller.post(f"/dispatch/requests/{number}/{action}", json={"note": "已核实情况"} | body)
        assert answer.status_code == 200, answer.text
        return self

    def bulletin(self, month="2024-07", **params):
        answer = self.hotline.get("/dispatch/bulletin", params={"month": month} | params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def behind(self, figure, part, month="2024-07", **params):
        asked = {"month": month, "figure": figure, "part": part, "limit": 2} | params
        numbers = []
        while True:
            page = self.hotline.get("/dispatch/bulletin/requests", params=asked).json()
            numbers += [item["number"] for item in page["items"]]
            if page["next"] is None:
                return numbers
            asked["cursor"] = page["next"]


@pytest.fixture
def desk(serve):
    return Desk(serve(service))


def figures(group):
    return {each["figure"]: (each["numerator"], each["denominator"]) for each in group["figures"]}


def by_key(bulletin):
    return {group["key"]: group for group in bulletin["groups"]}


def made_up_month(desk):
    """June and July 2024, told in the order of time; gives the numbers of the requests by their letters.

    Limits: to sign 4 working hours, to contact the end of the next working day, to answer 3 working days.
    """
    n = {}
    # June: one that nobody touches, and one answered in time with which the citizen is not content.
    n["June"] = desk.at(6, 24).take()
    n["M"] = desk.at(6, 25).take()
    desk.do(n["M"], "accept").do(n["M"], "contact").at(6, 26).do(n["M"], "answer")
    desk.at(6, 27).do(n["M"], "call-back", reached=True, solved=False, satisfied=False)
    # A: all in time, solved, satisfied.
    n["A"] = desk.at(7, 1).take()
    # B: signed after 15:30, the fourth working hour from 09:00.
    n["B"] = desk.take()
    desk.do(n["M"], "redo")  # June's request is redone in July
    desk.at(7, 1, "10:00").do(n["A"], "accept").do(n["A"], "contact")
    desk.at(7, 1, "16:00").do(n["B"], "accept")
    # C: paused for a week.
    n["C"] = desk.at(7, 2).take()
    desk.do(n["C"], "accept").do(n["C"], "contact").do(n["A"], "answer").do(n["M"], "answer")
    desk.do(n["B"], "contact")
    desk.at(7, 3).do(n["A"], "call-back", reached=True, solved=True, satisfied=True).do(n["A"], "close")
    desk.do(n["C"], "pause").do(n["B"], "ask-extension", until="2024-07-10T18:00:00+08:00")
    desk.do(n["B"], "grant-extension")
    # D: goes from the office to the housing centre, which answers in time without having made contact in time.
    n["D"] = desk.take()
    desk.at(7, 3, "10:00").do(n["D"], "ask-return", to_unit=HOUSING, duty="不属于本单位职责")
    desk.at(7, 3, "11:00").do(n["D"], "grant-return")
    desk.at(7, 3, "15:00").do(n["D"], "accept")
    # E: nobody touches it.
    n["E"] = desk.at(7, 4).take()
    # G: the street's, on the same day; the housing centre helps and does nothing.
    n["G"] = desk.at(7, 5).take(matter="street-lamp")
    desk.do(n["G"], "accept").do(n["G"], "join", unit=HOUSING)
    desk.at(7, 5, "10:00").do(n["G"], "answer").do(n["D"], "answer")
    desk.do(n["D"], "call-back", reached=False)
    # I: declined before any limit passed.
    n["I"] = desk.at(7, 8).take()
    desk.do(n["I"], "decline").do(n["I"], "call-back", reached=True)
    n["K"] = desk.at(7, 9).take()
    desk.do(n["B"], "answer")  # within the extension, after the first term (4 July)
    desk.at(7, 10).do(n["C"], "resume")  # two working days were left: until 12 July
    desk.do(n["B"], "call-back", reached=True, solved=False, satisfied=False).do(n["B"], "redo")
    # K: signed a day late, for which its unit's appeal is upheld; another, about the satisfaction, is rejected.
    desk.do(n["K"], "accept").do(n["K"], "answer")
    desk.do(n["K"], "call-back", reached=True, solved=True, satisfied=False).do(n["K"], "close")
    desk.do(n["K"], "appeal", figure="sign").do(n["K"], "appeal", figure="satisfied")
    desk.at(7, 11).do(n["C"], "answer")
    desk.at(7, 12).do(n["K"], "uphold-appeal", figure="sign").do(n["K"], "reject-appeal", figure="satisfied")
    desk.at(7, 20).do(n["B"], "answer")  # the redo was due on 15 July
    desk.at(7, 22).do(n["B"], "call-back", reached=True, solved=True)
    # F: of the last day; only its limit to sign (16:30) passes in July.
    n["F"] = desk.at(7, 31, "10:00").take()
    return n


@pytest.fixture
def numbers(desk):
    numbers = made_up_month(desk)
    desk.at(8, 1)
    return numbers


@pytest.mark.clause("P-2.2.2b")
def test_a_month_is_what_comes_out_by_hand(desk, numbers):
    bulletin = desk.bulletin()
    assert bulletin["known_at"] == "2024-08-01T09:00:00+08:00"
    groups = by_key(bulletin)
    assert figures(groups[OFFICE]) == {
        "received": (7, 7),  # A B C E F I K; D is the housing centre's by now
        "transferred": (0, 0),
        "sign": (
            3,
            6,
        ),  # A C D(asked to return) in time; B late, E F open and over term; K appealed, I ended before
        "contact": (
            4,
            5,
        ),  # A B C K(by its answer); E open and over term; F's term ends in August; D and I ended before
        "answer": (4, 6),  # A C(paused) K M(its second term is July's); B late in its second round, E open
        "returned": (1, 8),  # D of A B C D E F I K
        "redone": (2, 5),  # M and B of A B C K M, answered or redone in July
        "response": (3, 4),  # called back: A B I K; I was never contacted
        "solved": (3, 4),  # A K, and B by the later call
        "satisfied": (1, 4),  # A; B did not say the second time, I did not either
        "satisfaction": (1, 2),  # A of A K, who said
    }
    assert figures(groups[HOUSING]) == {
        "received": (1, 1),  # D
        "transferred": (0, 0),
        "sign": (1, 2),  # D; its part in G is open and over term
        "contact": (0, 2),  # D was answered on the 5th, without contact by the 4th
        "answer": (1, 2),  # D within 3 working days of the 3rd; G not
        "returned": (0, 2),
        "redone": (0, 1),  # D
        "response": (0, 0),  # D was called, and not reached
        "solved": (0, 0),
        "satisfied": (0, 0),
        "satisfaction": (0, 0),
    }
    assert figures(groups[TIANJIAO])["answer"] == (1, 1)
    assert figures({"figures": bulletin["total"]}) == {
        "received": (9, 9),  # 7 + 1 + 1
        "transferred": (0, 0),
        "sign": (5, 9),  # 3/6 + 1/2 + 1/1
        "contact": (5, 8),  # 4/5 + 0/2 + 1/1
        "answer": (6, 9),  # 4/6 + 1/2 + 1/1
        "returned": (1, 11),  # 1/8 + 0/2 + 0/1
        "redone": (2, 7),  # 2/5 + 0/1 + 0/1
        "response": (3, 4),
        "solved": (3, 4),
        "satisfied": (1, 4),
        "satisfaction": (1, 2),
    }


def test_what_an_appeal_takes_out_and_what_is_not_yet_due_is_shown(desk, numbers):
    found = {each["figure"]: each for each in by_key(desk.bulletin())[OFFICE]["figures"]}
    assert (found["sign"]["excluded"], found["satisfied"]["excluded"]) == (1, 0)
    august = {each["figure"]: each for each in by_key(desk.bulletin("2024-08"))[OFFICE]["figures"]}
    pending = [august[each]["pending"] for each in ("sign", "contact", "answer")]
    assert pending == [0, 1, 1], "F alone, not I"
    assert desk.behind("sign", "excluded") == [numbers["K"]]


def test_rates_changes_and_ranks(desk, numbers):
    bulletin = desk.bulletin()
    answer = next(each for each in bulletin["total"] if each["figure"] == "answer")
    # June: one open and over term; M's term ends in July since it was redone.
    assert answer["previous"] == {"numerator": 0, "denominator": 1, "rate": "0.0000"}
    assert (answer["rate"], answer["change"], answer["rank"]) == ("0.6667", "0.6667", None)
    groups = {
        key: {each["figure"]: each for each in group["figures"]} for key, group in by_key(bulletin).items()
    }
    assert groups[OFFICE]["answer"]["rank"] == 1
    assert groups[HOUSING]["answer"]["rank"] is None, "a denominator of 2 is below the minimum of 5"
    assert groups[OFFICE]["received"]["rank"] is None
    assert groups[OFFICE]["received"]["rate"] is None
    assert groups[OFFICE]["received"]["change_count"] == 5
    formulas = {each["id"]: each for each in bulletin["formulas"]}
    assert formulas["answer"]["version"] == 2
    assert formulas["answer"]["source"].startswith("默认值")


@pytest.mark.parametrize("by", ["unit", "street", "matter"])
def test_the_requests_behind_each_number_are_as_many_as_it_says(desk, numbers, by):
    bulletin = desk.bulletin(by=by)
    assert len(bulletin["groups"]) >= 1
    for key, group in [(None, {"figures": bulletin["total"]}), *by_key(bulletin).items()]:
        one = {} if key is None else {"key": key}
        for each in group["figures"]:
            for part in ("numerator", "denominator", "excluded"):
                assert len(desk.behind(each["figure"], part, by=by, **one)) == each[part], (key, each, part)


def test_every_grouping_adds_up_to_the_same(desk, numbers):
    totals = [desk.bulletin(by=by)["total"] for by in ("unit", "street", "matter")]
    assert totals[0] == totals[1] == totals[2]
    assert by_key(desk.bulletin(by="matter")).keys() == {"government-affairs", "street-lamp"}
    assert by_key(desk.bulletin(by="matter"))["street-lamp"]["name"] == "路灯"


def test_what_is_recorded_after_the_month_counts_in_it_and_is_left_out_by_what_was_known(desk, numbers):
    late = desk.at(8, 2).take(received_at="2024-07-30T09:00:00+08:00")  # told only now
    desk.at(8, 9)
    now = figures({"figures": desk.bulletin()["total"]})
    assert now["received"] == (10, 10)
    assert now["sign"] == (5, 10), "the late one open and over term"
    assert late in desk.behind("sign", "denominator")
    then = {"known_at": "2024-07-31T23:59:59+08:00"}
    assert figures({"figures": desk.bulletin(**then)["total"]})["received"] == (9, 9)
    assert late not in desk.behind("sign", "denominator", **then)


def test_a_term_that_ends_in_the_next_month_counts_there(desk, numbers):
    assert numbers["F"] not in desk.behind("answer", "denominator")
    desk.at(8, 9)
    august = figures({"figures": desk.bulletin("2024-08")["total"]})
    assert august["answer"] == (0, 1), "F, of July, open and over the term that ended on 5 August"
    assert desk.behind("answer", "denominator", month="2024-08") == [numbers["F"]]


def test_an_appeal_that_is_upheld_after_the_month_shows_in_it(desk, numbers):
    desk.at(8, 9).do(numbers["A"], "appeal", figure="answer").do(
        numbers["A"], "uphold-appeal", figure="answer"
    )
    found = {each["figure"]: each for each in desk.bulletin()["total"]}["answer"]
    assert (found["numerator"], found["denominator"], found["excluded"]) == (5, 8, 1)
    assert desk.behind("answer", "excluded") == [numbers["A"]]


@pytest.mark.clause("P-2.2.2b")
def test_an_appeal_leaves_out_the_figures_of_its_round_and_not_those_of_what_is_redone(desk):
    def excluded(**known_at):
        found = desk.bulletin(**known_at)["total"]
        return {each["figure"]: each["excluded"] for each in found if each["denominator"] or each["excluded"]}

    said = {"reached": True, "solved": False, "satisfied": False}
    number = desk.at(7, 1).take()
    desk.do(number, "answer").do(number, "call-back", **said).do(number, "close")
    for figure in ("sign", "contact", "answer", "solved", "satisfied"):
        desk.at(7, 2).do(number, "appeal", figure=figure)
        desk.at(7, 3).do(number, "uphold-appeal", figure=figure)
    every = {
        "sign": 1,
        "contact": 1,
        "answer": 1,
        "response": 1,
        "solved": 1,
        "satisfied": 1,
        "satisfaction": 1,
    }
    never = {"received": 0, "returned": 0, "redone": 0}
    assert excluded() == never | every
    desk.at(7, 4).do(number, "redo").at(7, 4, "10:00").do(number, "answer").at(7, 5)
    assert excluded() == never | every | {"answer": 0}, "the citizen has not been called since"
    desk.do(number, "call-back", reached=False).at(7, 5, "10:00")
    assert excluded() == never | every | {"answer": 0}
    desk.do(number, "call-back", **said).at(7, 8)
    anew = {"answer": 0, "solved": 0, "satisfied": 0, "satisfaction": 0}
    assert excluded() == never | every | anew
    assert excluded(known_at="2024-07-03T09:00:00+08:00") == never | every
    desk.do(number, "close").do(number, "appeal", figure="solved")
    desk.at(7, 9).do(number, "uphold-appeal", figure="solved")
    assert excluded() == never | every | anew | {"solved": 1}


def test_what_was_closed_and_then_redone_is_late_by_its_new_term(desk):
    number = desk.at(7, 1).take()
    desk.do(number, "answer").at(7, 2).do(number, "close")
    desk.at(7, 3).do(number, "call-back", reached=True, solved=False, satisfied=False).do(number, "redo")
    desk.at(7, 25).do(number, "answer")
    desk.at(8, 1)
    found = figures(by_key(desk.bulletin())[OFFICE])
    assert (found["answer"], found["redone"]) == ((0, 1), (1, 1))
    before = by_key(desk.bulletin(known_at="2024-07-02T23:00:00+08:00"))[OFFICE]
    assert figures(before)["redone"] == (0, 1)


def test_a_redo_is_of_the_parts_that_there_were(desk):
    number = desk.at(7, 1).take()
    desk.do(number, "answer").do(number, "redo").at(7, 2).do(number, "join", unit=HOUSING)
    desk.do(number, "answer", unit=HOUSING)
    desk.at(7, 5).do(number, "answer", unit=OFFICE).do(number, "redo").at(7, 15).do(
        number, "join", unit=TIANJIAO
    )
    desk.at(8, 1)
    found = {key: figures(group)["answer"] for key, group in by_key(desk.bulletin()).items()}
    assert found == {OFFICE: (0, 1), HOUSING: (0, 1), TIANJIAO: (0, 1)}
    due = {
        item["unit"]: item["due_at"][:10]
        for item in desk.hotline.get(
            "/dispatch/bulletin/requests", params={"month": "2024-07", "figure": "answer"}
        ).json()["items"]
    }
    assert due == {OFFICE: "2024-07-10", HOUSING: "2024-07-10", TIANJIAO: "2024-07-18"}


def test_what_was_handed_on_counts_where_it_is_now(desk, monkeypatch):
    async def handed_on(*_):
        return "DS-EQ-20240701-0001"

    monkeypatch.setattr(HandingOn, "hand_on", handed_on)
    gone, stays = desk.at(7, 1).take(), desk.take()
    desk.do(gone, "accept").do(gone, "transfer", matter="lift-maintenance").do(stays, "accept")
    before = figures({"figures": desk.bulletin(known_at="2024-07-01T08:59:00+08:00")["total"]})
    assert before["received"] == (0, 0)
    desk.at(8, 1)
    total = figures({"figures": desk.bulletin()["total"]})
    assert (total["received"], total["transferred"], total["sign"]) == ((1, 1), (1, 1), (1, 1))
    assert total["returned"] == (0, 1)
    assert desk.behind("transferred", "numerator") == [gone]


def test_a_matter_that_was_corrected_later_stays_what_it_was_then(desk, numbers):
    desk.at(8, 2).do(numbers["F"], "transfer", matter="street-lamp")
    then = desk.bulletin(by="matter", known_at="2024-08-01T09:00:00+08:00")
    assert figures(by_key(then)["government-affairs"])["received"] == (8, 8)
    later = desk.bulletin(by="matter")
    assert figures(by_key(later)["government-affairs"])["received"] == (7, 7)


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"by": "company"}, "no-such-grouping"),
        ({"month": "2024-09"}, "in-the-future"),
        ({"month": "1000-01"}, "too-long-ago"),
        ({"month": "2015-12"}, "too-long-ago"),
        ({"known_at": "2024-08-02T09:00:00+08:00"}, "in-the-future"),
        ({"known_at": "2024-06-30T09:00:00+08:00"}, "known-before-month"),
    ],
)
def test_what_cannot_be_counted_is_refused(desk, params, problem):
    desk.at(8, 1)
    answer = desk.hotline.get("/dispatch/bulletin", params={"month": "2024-07"} | params)
    assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1].rsplit("/", 1)[-1]) == (422, problem)
    if problem == "no-such-grouping":
        assert answer.json()["allowed"] == ["unit", "street", "matter"]


def test_a_street_s_token_counts_its_own_street_s(desk, numbers):
    other = desk.office.client("dispatch:read", name="street", division="巴音门克街道")
    own = desk.office.client("dispatch:read", name="street", division="天骄街道")
    params = {"month": "2024-07"}
    assert other.get("/dispatch/bulletin", params=params).json()["groups"] == []
    assert own.get("/dispatch/bulletin", params=params).json() == desk.bulletin()
    asked = params | {"figure": "received"}
    assert other.get("/dispatch/bulletin/requests", params=asked).json()["items"] == []
