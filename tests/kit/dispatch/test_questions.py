"""What the public asks of the law study and the office service: one question for each request, and what is published of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
import pytest

from kit.dispatch.questions import Asked
from kit.testing import Client, Running
from services.lawstudy.app import service as lawstudy_service
from services.office.app import service as office_service
from tests.kit.conftest import eventually, queueing

pytestmark = pytest.mark.clause("P-2.2.2b")
WORDING = {
    "title": "居住证怎么办理？",
    "question": "外地户籍在本区居住，怎样办理居住证？",
    "answer": "携带身份证和居住证明到居住地派出所申领。",
    "phone": "0477-8575000",
}
NAME, PHONE = "张建国", "13812345678"


@dataclass
class Town:
    """A service with its hotline and the unit that has its questions."""

    running: Running
    matter: str
    other_matter: str
    hotline: Client
    unit: Client
    public: Client

    def asked(self, **changes: object) -> dict:
        """A request of the hotline, as it is answered."""
        body = {"matter": self.matter, "summary": "咨询居住证", "division": "天骄街道"}
        body |= {"citizen": {"name": NAME, "phone": PHONE}}
        answer = self.hotline.post("/dispatch/requests", json=body | changes)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    def act(self, who: Client, number: str, action: str, **body: object) -> dict:
        answer = who.post(f"/dispatch/requests/{number}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def answered(self, **changes: object) -> str:
        """The question of a request that is answered."""
        taken = self.asked(**changes)
        self.act(self.unit, taken["number"], "answer", note="请到派出所办理")
        return str(taken["reference"])

    def published(self, **changes: object) -> str:
        """A question that is published."""
        question = self.answered()
        answer = self.unit.post(f"/questions/{question}/publish", json=WORDING | changes)
        assert answer.status_code == 200, answer.text
        return question

    def question(self, id: str) -> dict:
        answer = self.unit.get(f"/questions/{id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def listed(self, **asked: object) -> list[str]:
        return [each["id"] for each in self.unit.get("/questions", params=asked).json()["items"]]

    def found(self, **asked: object) -> list[str]:
        answer = self.public.get("/public/questions", params=asked)
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    def refused(self, who: Client, path: str, **body: object) -> tuple[int, str]:
        answer = who.post(path, json=body)
        return answer.status_code, answer.json()["type"].rpartition(":")[2]


def town(serve, service, matter, unit, other) -> Town:
    running = serve(service)
    return Town(
        running,
        matter,
        other,
        running.client("dispatch:write", "dispatch:read", name="12345"),
        running.client("dispatch:read", f"{service.name}:write", unit=unit, name=unit),
        running.stranger(),
    )


def law_study(serve) -> Town:
    return town(serve, lawstudy_service, "law-consultation", "justice-bureau", "law-study-suggestion")


def office(serve) -> Town:
    return town(serve, office_service, "government-affairs", "government-office", "supervision-complaint")


@pytest.fixture(params=[law_study, office])
def both(request, serve) -> Town:
    return request.param(serve)


@pytest.fixture
def desk(serve) -> Town:
    return office(serve)


def test_a_request_of_a_matter_of_questions_is_a_question_once_and_its_answer_the_request_s(both):
    taken = both.asked(external_number="X-1", description="来电人询问居住证怎么办")
    assert both.asked(external_number="X-1")["reference"] == taken["reference"]
    assert both.listed() == [taken["reference"]]
    asked = both.question(taken["reference"])
    assert (asked["request"], asked["state"], asked["answer"]) == (taken["number"], "received", None)
    assert (asked["summary"], asked["description"]) == ("咨询居住证", "来电人询问居住证怎么办")
    assert (asked["publication"], asked["published"], asked["allowed"]) == ("unpublished", None, [])
    for said in ("请到派出所办理", "请到居住地派出所办理"):
        both.act(both.unit, taken["number"], "answer", note=said)
        asked = both.question(taken["reference"])
        assert (asked["state"], asked["answer"], asked["allowed"]) == ("answered", said, ["publish"])
        both.act(both.hotline, taken["number"], "send-back", note="请写明地点")
    assert both.listed(state="accepted") == [taken["reference"]]
    assert both.listed(state="answered") == []


def test_a_request_of_another_matter_is_no_question_until_it_is_given_one(both):
    taken = both.asked(matter=both.other_matter)
    assert (taken["reference"], both.listed()) == (None, [])
    moved = both.act(both.hotline, taken["number"], "transfer", matter=both.matter, note="是咨询")
    assert both.listed() == [moved["reference"]]
    for matter in (both.other_matter, both.matter):
        again = both.act(both.hotline, taken["number"], "transfer", matter=matter, note="核对")
        assert again["reference"] == moved["reference"]
    assert both.listed() == [moved["reference"]]


def test_what_is_published_is_the_editor_s_wording_and_nothing_of_the_caller_s(both):
    question = both.answered(summary="我家住天骄路 1 号", description="我叫张建国，想办居住证")
    shown = both.unit.post(f"/questions/{question}/publish", json=WORDING).json()
    assert (shown["publication"], shown["allowed"]) == ("published", ["withdraw"])
    assert (shown["published"]["title"], shown["answer"]) == (WORDING["title"], "请到派出所办理")
    told = both.public.get(f"/public/questions/{question}").json()
    assert {name: told[name] for name in WORDING} == WORDING
    assert told.keys() == {"id", "matter", "matter_name", "published_at"} | WORDING.keys()
    assert told["matter"] == both.matter
    assert both.public.get("/public/questions").json()["items"] == [told]
    audited = "SELECT action, details->>'title' FROM audit WHERE subject = %s ORDER BY id"
    assert both.running.sql(audited, question) == [
        (f"{both.running.service.name}.question.published", WORDING["title"])
    ]


def test_a_published_question_is_taken_down_and_published_anew(both):
    question = both.published()
    assert both.refused(both.unit, f"/questions/{question}/publish", **WORDING) == (409, "not-in-this-state")
    down = both.unit.post(f"/questions/{question}/withdraw", json={"reason": "政策已调整"}).json()
    assert (down["publication"], down["published"]["title"]) == ("withdrawn", WORDING["title"])
    assert down["withdrawn_at"] is not None
    assert both.public.get(f"/public/questions/{question}").status_code == 404
    assert both.found() == []
    assert both.refused(both.unit, f"/questions/{question}/withdraw", reason="再撤") == (
        409,
        "not-in-this-state",
    )
    anew = WORDING | {"title": "居住证在哪里办理？", "phone": None}
    shown = both.unit.post(f"/questions/{question}/publish", json=anew).json()
    assert (shown["published"]["title"], shown["withdrawn_at"]) == (anew["title"], None)
    told = both.public.get(f"/public/questions/{question}").json()
    assert (told["title"], told["phone"]) == (anew["title"], None)
    assert both.listed(published=True) == [question]
    assert both.listed(published=False) == []


def test_what_is_answered_or_closed_is_published_and_nothing_else(desk):
    taken = desk.asked()
    number, path = taken["number"], f"/questions/{taken['reference']}/publish"
    assert desk.refused(desk.unit, path, **WORDING) == (409, "question-without-answer")
    desk.act(desk.unit, number, "accept")
    assert desk.refused(desk.unit, path, **WORDING) == (409, "question-without-answer")
    desk.act(desk.unit, number, "answer", note="请到派出所办理")
    desk.act(desk.hotline, number, "close")
    assert desk.unit.post(path, json=WORDING).status_code == 200
    desk.act(desk.hotline, number, "call-back", reached=True, solved=False, satisfied=False)
    desk.act(desk.hotline, number, "redo", note="没有说清")
    assert desk.found() == [taken["reference"]], (
        "the wording is the editor's: it stays until it is taken down"
    )
    desk.unit.post(f"/questions/{taken['reference']}/withdraw", json={"reason": "重办"})
    assert desk.refused(desk.unit, path, **WORDING) == (409, "question-without-answer")


@pytest.mark.parametrize("redone", [True, False])
def test_publishing_waits_for_what_is_just_done_with_the_request(desk, redone):
    question = desk.answered()
    path = f"/questions/{question}/publish"
    with ThreadPoolExecutor(2) as threads, psycopg.connect(desk.running.url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM dispatch_requests FOR UPDATE")
        answers = [threads.submit(desk.unit.post, path, json=WORDING) for _ in range(2)]
        eventually(lambda: queueing(desk.running, 2))
        if redone:
            other.execute("UPDATE dispatch_requests SET state = 'accepted'")
        other.commit()
        found = sorted(answer.result().status_code for answer in answers)
    assert found == ([409, 409] if redone else [200, 409]), (
        "of two editors one is told that the other was first"
    )


@pytest.mark.parametrize("end", ["decline", "merge"])
def test_what_ended_without_an_answer_is_not_published(desk, end):
    into = desk.asked()["number"]
    taken = desk.asked()
    body = {"into": into} if end == "merge" else {}
    desk.act(desk.hotline, taken["number"], end, note="重复", **body)
    path = f"/questions/{taken['reference']}/publish"
    assert desk.refused(desk.unit, path, **WORDING) == (409, "question-without-answer")


def test_a_secret_one_is_published_by_nobody_and_its_words_are_its_unit_s(desk):
    question = desk.answered(secret=True)
    assert desk.refused(desk.unit, f"/questions/{question}/publish", **WORDING) == (409, "secret-question")
    assert desk.question(question)["summary"] == "咨询居住证"
    reader = desk.running.client("dispatch:read", name="reader")
    seen = reader.get(f"/questions/{question}").json()
    assert "居住证" not in seen["summary"]
    assert seen["answer"] == seen["summary"]
    made_public = (
        "UPDATE dispatch_questions SET state = 'published', matter = 'm', title = 't', question = 'q',"
        " answer = 'a', published_at = now(), published_by = 'p' RETURNING id"
    )
    with pytest.raises(psycopg.errors.CheckViolation, match="secret"):
        desk.running.sql(made_public)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        desk.running.sql("UPDATE dispatch_requests SET secret = false RETURNING id")


def test_a_request_has_one_question_and_a_published_one_all_its_words(desk):
    desk.published()
    again = (
        "INSERT INTO dispatch_questions (id, version, request_id, secret, state, grams)"
        " SELECT gen_random_uuid(), 1, id, secret, 'unpublished', '{}' FROM dispatch_requests RETURNING id"
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        desk.running.sql(again)
    for broken in ("title = NULL", "withdrawn_at = now()", "state = 'unpublished'"):
        with pytest.raises(psycopg.errors.CheckViolation):
            desk.running.sql(f"UPDATE dispatch_questions SET {broken} RETURNING id")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"answer": "张建国可以到派出所办理"}, "answer"),
        ({"question": "张**怎样办理居住证？"}, "question"),
        ({"answer": "请打 13912345678"}, "answer"),
        ({"title": "138-1234-5678 问居住证"}, "title"),
    ],
)
def test_a_wording_that_tells_who_asked_is_refused_with_the_field(desk, changes, field):
    question = desk.answered()
    answer = desk.unit.post(f"/questions/{question}/publish", json=WORDING | changes)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "wording-tells-who")
    assert [each["pointer"] for each in answer.json()["errors"]] == [f"/{field}"]
    assert NAME not in answer.text
    assert desk.found() == []


def test_what_tells_who_asked():
    asked = Asked(NAME, "85750001")
    assert not Asked(None, None).is_told_by("张建国，电话 8575 0001")
    for text in ("请张建国来", "请张 建国来", "请张**来", "电话 8575-0001", "找 138****5678"):
        assert asked.is_told_by(text), text
    assert not asked.is_told_by("请携带身份证，咨询 12345")


def test_only_its_unit_publishes_a_question(desk):
    question = desk.answered()
    another = desk.running.client("dispatch:read", "office:write", unit="housing-centre", name="another")
    handling = desk.running.client(
        "dispatch:read", "dispatch:handle", unit="government-office", name="handling"
    )
    path = f"/questions/{question}/publish"
    assert desk.refused(another, path, **WORDING) == (403, "another-units-request")
    assert another.get(f"/questions/{question}").json()["allowed"] == []
    assert desk.refused(desk.hotline, path, **WORDING) == (403, "not-your-role")
    assert handling.post(path, json=WORDING).status_code == 200


def test_a_question_is_under_a_matter_of_questions(desk):
    question = desk.answered()
    wrong = WORDING | {"matter": "supervision-complaint"}
    answer = desk.unit.post(f"/questions/{question}/publish", json=wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/matter")
    right = WORDING | {"matter": desk.matter}
    assert desk.unit.post(f"/questions/{question}/publish", json=right).status_code == 200


def test_an_unknown_question_is_404_and_another_street_s_too(desk):
    unknown = "0190a5f2-7c11-7b3e-9a54-3f2d8c6e1b07"
    assert desk.unit.get(f"/questions/{unknown}").status_code == 404
    assert desk.public.get(f"/public/questions/{unknown}").status_code == 404
    assert desk.refused(desk.unit, f"/questions/{unknown}/publish", **WORDING) == (404, "not-found")
    question = desk.answered()
    street = desk.running.client(
        "dispatch:read", "office:write", unit="jianshe-street", division="建设街道", name="street"
    )
    assert street.get("/questions").json()["items"] == []
    assert street.get(f"/questions/{question}").status_code == 404
    assert street.post(f"/questions/{question}/publish", json=WORDING).status_code == 404


def test_the_public_finds_questions_by_words_and_matter_page_by_page(desk, clock):
    one = desk.published()
    clock.advance(minutes=1)
    other = desk.published(title="护照怎么办理？", question="怎样办理护照？", answer="到出入境大厅办理。")
    assert desk.found() == [other, one]
    assert desk.found(q="居住证 派出所") == [one]
    assert desk.found(q="出入境 居住证") == []
    assert desk.found(matter=desk.matter, q="办理") == [other, one]
    assert desk.found(matter="supervision-complaint") == []
    first = desk.public.get("/public/questions", params={"limit": 1}).json()
    second = desk.public.get("/public/questions", params={"limit": 1, "cursor": first["next"]}).json()
    assert [each["id"] for page in (first, second) for each in page["items"]] == [other, one]
    assert second["next"] is None
    short = desk.public.get("/public/questions", params={"q": "居 住"})
    assert (short.status_code, short.json()["errors"][0]["pointer"]) == (422, "?q")
