"""Texts of sessions: an exact file, reviewed by the justice bureau, in time or not (L-7a, L-7c, N-2.1)."""

from datetime import datetime
from hashlib import sha256

import psycopg
import pytest

from kit.district.clock import SHANGHAI
from kit.testing import Client
from services.lawstudy.plan.lead_times import Standing, standing
from tests.kit.files.samples import pdf
from tests.lawstudy.conftest import done, refused
from tests.lawstudy.documents import EXE, letter

LOCAL = "全区煤矿已完成培训（虚构）"


@pytest.fixture
def study(scheduled) -> str:
    """A pre-meeting study of the emergency bureau on 26 June 2024."""
    return scheduled("2024-P2", "2024-06-26")


@pytest.fixture
def bureau(department) -> Client:
    return department("emergency-bureau")


def hand_in(who: Client, id: str, data: bytes, name: str = "讲稿.docx", local: str | None = LOCAL):
    form = {"local": local} if local else {}
    return who.post(f"/sessions/{id}/texts", files={"file": (name, data)}, data=form)


def passed(justice: Client, id: str, text: dict) -> dict:
    done(justice.post(f"/sessions/{id}/review"))
    return done(justice.post(f"/sessions/{id}/pass", json={"sha256": text["sha256"]}))


@pytest.mark.clause("L-7a", "L-7c")
def test_a_text_is_handed_in_reviewed_and_passed_as_the_exact_file(bureau, justice, office, study):
    data = letter()
    text = done(hand_in(bureau, study, data), 201)
    assert (text["sha256"], text["size"]) == (sha256(data).hexdigest(), len(data))
    assert text["media_type"].endswith("wordprocessingml.document")
    row = passed(justice, study, text)
    assert (row["state"], row["passed_sha256"]) == ("passed", text["sha256"])
    back = office.get(f"/texts/{text['id']}")
    assert back.content == data
    assert "%E8%AE%B2%E7%A8%BF.docx" in back.headers["content-disposition"]
    assert done(office.post(f"/sessions/{study}/ready"))["state"] == "ready"


@pytest.mark.clause("L-7c")
def test_nothing_is_ready_whose_text_has_not_passed(bureau, justice, office, study):
    refused(office.post(f"/sessions/{study}/ready"), 409, "not-in-this-state")
    text = done(hand_in(bureau, study, letter()), 201)
    refused(office.post(f"/sessions/{study}/ready"), 409, "not-in-this-state")
    done(justice.post(f"/sessions/{study}/review"))
    done(justice.post(f"/sessions/{study}/return", json={"opinion": "请补充案例"}))
    told = refused(office.post(f"/sessions/{study}/ready"), 409, "not-in-this-state")
    assert [basis["clause"] for basis in told["basis"]] == ["L-7c"]
    [returned] = done(office.get(f"/sessions/{study}/texts"))
    assert (returned["outcome"], returned["opinion"], returned["id"]) == (
        "returned",
        "请补充案例",
        text["id"],
    )


@pytest.mark.clause("L-7c")
def test_a_new_file_voids_the_pass_and_the_readiness(bureau, justice, office, study):
    text = done(hand_in(bureau, study, letter()), 201)
    passed(justice, study, text)
    done(office.post(f"/sessions/{study}/ready"))
    done(hand_in(bureau, study, letter("改过一个字")), 201)
    row = done(office.get(f"/sessions/{study}"))
    assert (row["state"], row["passed_sha256"], row["passed_at"]) == ("text_submitted", None, None)
    assert text["sha256"] in [step["seen"].get("voided") for step in row["steps"]]
    told = refused(office.post(f"/sessions/{study}/hold", json={"chair": "区长"}), 409, "not-in-this-state")
    assert "等待审核" in told["detail"]


def test_the_same_file_again_changes_nothing(bureau, justice, office, study):
    data = letter()
    text = done(hand_in(bureau, study, data), 201)
    passed(justice, study, text)
    assert done(hand_in(bureau, study, data, "另一个名字.docx"), 201)["id"] == text["id"]
    assert done(office.get(f"/sessions/{study}"))["state"] == "passed"


def test_a_returned_file_may_be_handed_in_unchanged_and_is_reviewed_anew(bureau, justice, office, study):
    data = letter()
    done(hand_in(bureau, study, data), 201)
    done(justice.post(f"/sessions/{study}/review"))
    done(justice.post(f"/sessions/{study}/return", json={"opinion": "请补充"}))
    done(hand_in(bureau, study, data), 201)
    assert [text["outcome"] for text in done(office.get(f"/sessions/{study}/texts"))] == [
        "returned",
        "waiting",
    ]


@pytest.mark.clause("L-7c")
def test_what_passes_is_what_was_read(bureau, justice, study):
    read = done(hand_in(bureau, study, letter()), 201)
    done(justice.post(f"/sessions/{study}/review"))
    done(hand_in(bureau, study, letter("审核期间换的")), 201)
    done(justice.post(f"/sessions/{study}/review"))
    told = justice.post(f"/sessions/{study}/pass", json={"sha256": read["sha256"]})
    assert refused(told, 409, "another-text")["errors"][0]["pointer"] == "/sha256"


# ----------------------------------------------------------------------------------------------------- who hands in
@pytest.mark.clause("L-7a")
def test_only_the_responsible_department_hands_in(department, office, justice, study):
    told = refused(hand_in(department("finance-bureau"), study, letter()), 403, "not-the-responsible-unit")
    assert "区应急管理局" in told["detail"]
    refused(hand_in(justice, study, letter()), 403, "not-the-responsible-unit")
    refused(hand_in(office, study, letter()), 403, "not-your-role")


@pytest.mark.clause("L-7a")
def test_a_pre_meeting_text_says_how_the_law_is_carried_out_here(lawstudy, bureau, study):
    told = refused(hand_in(bureau, study, letter(), local=None), 422, "no-local-part")
    assert told["errors"][0]["pointer"] == "/local"
    assert lawstudy.sql("SELECT count(*) FROM texts") == [(0,)]


def test_a_text_for_a_session_without_a_day_waits_for_it(department, session_of):
    told = hand_in(department("development-reform-commission"), session_of("2024-P3")["id"], letter())
    assert "尚未定日期" in refused(told, 409, "not-in-this-state")["detail"]


# ------------------------------------------------------------------------------------------------------- what it is
@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (EXE, "讲稿.docx", 422),
        (b"", "讲稿.docx", 422),
        (b"plain text", "讲稿.pdf", 422),
    ],
)
def test_a_file_is_known_by_its_bytes_and_not_by_its_name(lawstudy, bureau, study, data, name, status):
    answer = hand_in(bureau, study, data, name)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/file"
    assert lawstudy.sql("SELECT count(*) FROM texts") == [(0,)]


def test_a_pdf_is_known_whatever_it_is_called(bureau, study):
    assert done(hand_in(bureau, study, pdf(), "讲稿.docx"), 201)["media_type"] == "application/pdf"


# ------------------------------------------------------------------------------------------------------ late or not
@pytest.mark.clause("N-2.1")
@pytest.mark.parametrize(
    ("passed_at", "now", "found"),
    [
        (None, "2024-06-21 23:59:59", "open"),
        (None, "2024-06-22 00:00:00", "missing"),
        ("2024-06-21 23:59:59", "2024-06-24 09:30:00", "in_time"),
        ("2024-06-22 00:00:00", "2024-06-24 09:30:00", "late"),
    ],
)
def test_late_and_missing_texts_are_listed(lawstudy, clock, study, passed_at, now, found):
    if passed_at:
        lawstudy.sql(
            "UPDATE sessions SET passed_sha256 = 'x', passed_at = %s, state = 'passed' WHERE id = %s",
            datetime.fromisoformat(passed_at).replace(tzinfo=SHANGHAI),
            study,
        )
    clock.now = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    office = lawstudy.client()
    [row] = done(office.get("/texts"))["items"]
    assert (row["session"]["id"], row["standing"]) == (study, found)
    for each in Standing:
        listed = done(office.get("/texts", params={"standing": each.value}))["items"]
        assert len(listed) == (each.value == found)


def test_the_list_and_the_rule_say_the_same(lawstudy, study, clock):
    due = datetime(2024, 6, 21, 23, 59, 59, tzinfo=SHANGHAI)
    for passed_at in (None, due, datetime(2024, 6, 22, tzinfo=SHANGHAI)):
        for now in (due, datetime(2024, 6, 22, tzinfo=SHANGHAI)):
            clock.now = now
            lawstudy.sql(
                "UPDATE sessions SET passed_at = %s, passed_sha256 = %s WHERE id = %s",
                *(passed_at, passed_at and "x", study),
            )
            told = lawstudy.client().get("/texts", params={"standing": standing(due, passed_at, now).value})
            assert len(done(told)["items"]) == 1


def test_a_session_has_one_text_waiting_at_most_whoever_writes(lawstudy, bureau, study):
    done(hand_in(bureau, study, letter()), 201)
    with pytest.raises(psycopg.errors.UniqueViolation):
        lawstudy.sql(
            "INSERT INTO texts SELECT session_id, sha256, name, media_type, size, local, submitted_at, client,"
            " client_unit, outcome, reviewed_at, opinion, gen_random_uuid() FROM texts"
        )
