"""Who speaks, who chairs, and that a session was held (L-4a, L-4c, L-7a, L-7b)."""

from datetime import datetime

import pytest

from kit.district.clock import SHANGHAI
from tests.lawstudy.conftest import done, refused
from tests.lawstudy.documents import letter

EXPERT = {
    "name": "某教授（虚构）",
    "title": "教授",
    "organisation": "某大学（虚构）",
    "invited_by": "区司法局",
}


@pytest.fixture
def ready(office, justice, department, scheduled) -> str:
    """A pre-meeting study of today that is ready."""
    id = scheduled("2024-P2", "2024-06-24")
    bureau = department("emergency-bureau")
    files = {"file": ("讲稿.docx", letter())}
    text = done(bureau.post(f"/sessions/{id}/texts", files=files, data={"local": "已开展培训"}), 201)
    done(justice.post(f"/sessions/{id}/review"))
    done(justice.post(f"/sessions/{id}/pass", json={"sha256": text["sha256"]}))
    done(office.post(f"/sessions/{id}/ready"))
    return id


# --------------------------------------------------------------------------------------------------------- the chair
@pytest.mark.clause("L-4a")
def test_the_head_of_the_district_chairs(office, ready):
    row = done(office.post(f"/sessions/{ready}/hold", json={"chair": "区长", "name": "韩涛"}))
    assert (row["state"], row["chair"], row["chair_name"]) == ("held", "head", "韩涛")


@pytest.mark.clause("L-4a")
def test_the_executive_deputy_chairs_only_with_a_recorded_delegation(office, ready):
    body = {"chair": "常务副区长"}
    told = refused(office.post(f"/sessions/{ready}/hold", json=body), 409, "chair-not-allowed")
    assert [basis["clause"] for basis in told["basis"]] == ["L-4a"]
    delegation = {"delegated_on": "2024-06-24", "how": "书面委托"}
    done(office.post(f"/sessions/{ready}/delegate", json=delegation))
    assert done(office.post(f"/sessions/{ready}/hold", json=body))["chair"] == "executive_deputy"


@pytest.mark.clause("L-4a")
@pytest.mark.parametrize("post", ["副区长", "区委书记", "区司法局局长", "某"])
def test_any_other_chair_is_refused_with_its_clause_even_with_a_delegation(office, ready, post):
    done(office.post(f"/sessions/{ready}/delegate", json={"delegated_on": "2024-06-20", "how": "书面委托"}))
    told = refused(office.post(f"/sessions/{ready}/hold", json={"chair": post}), 409, "chair-not-allowed")
    assert (told["errors"][0]["pointer"], told["basis"][0]["clause"]) == ("/chair", "L-4a")
    assert done(office.get(f"/sessions/{ready}"))["state"] == "ready"


def test_a_delegation_of_tomorrow_is_none(office, ready):
    body = {"delegated_on": "2024-06-25", "how": "书面委托"}
    refused(office.post(f"/sessions/{ready}/delegate", json=body), 422, "in-the-future")


# ---------------------------------------------------------------------------------------------------------- holding
@pytest.mark.clause("L-4c")
def test_the_office_alone_says_that_a_session_was_held(justice, ready):
    refused(justice.post(f"/sessions/{ready}/hold", json={"chair": "区长"}), 403, "not-your-role")


def test_a_session_is_not_held_before_its_day(lawstudy, office, ready, clock):
    lawstudy.sql("UPDATE sessions SET day = '2024-06-25' WHERE id = %s", ready)
    refused(office.post(f"/sessions/{ready}/hold", json={"chair": "区长"}), 409, "not-yet-held")
    clock.now = datetime(2024, 6, 25, 0, 0, tzinfo=SHANGHAI)
    done(office.post(f"/sessions/{ready}/hold", json={"chair": "区长"}))


def test_a_session_entered_as_held_by_mistake_is_ready_again(office, ready):
    done(office.post(f"/sessions/{ready}/hold", json={"chair": "区长"}))
    row = done(office.post(f"/sessions/{ready}/reopen", json={"reason": "误登记"}))
    assert (row["state"], row["chair"]) == ("ready", None)


# ------------------------------------------------------------------------------------------------------- who speaks
@pytest.mark.clause("L-7a")
def test_the_head_of_the_responsible_department_speaks_unless_there_is_a_reason(office, session_of):
    study = session_of("2024-P3")
    assert (study["speaker"]["title"], study["speaker"]["organisation"]) == (
        "主要负责人",
        "区发展和改革委员会",
    )
    path = f"/sessions/{study['id']}/speaker"
    told = refused(office.post(path, json={"title": "分管负责人"}), 422, "another-speaker")
    assert told["errors"][0]["pointer"] == "/reason"
    row = done(office.post(path, json={"title": "分管负责人", "reason": "主要负责人出差"}))
    assert (row["speaker"]["title"], row["speaker"]["reason"]) == ("分管负责人", "主要负责人出差")


@pytest.fixture
def lecture(office) -> str:
    row = done(office.post("/sessions", json={"year": 2024, "topics": ["2024-L1", "2024-L2"]}), 201)
    done(office.post(f"/sessions/{row['id']}/schedule", json={"day": "2024-06-24"}))
    return row["id"]


@pytest.mark.clause("L-7b")
@pytest.mark.parametrize("missing", ["name", "title", "organisation", "invited_by"])
def test_a_lecture_names_its_expert_with_title_and_organisation_and_who_invites(justice, lecture, missing):
    body = EXPERT | {missing: None}
    told = refused(justice.post(f"/sessions/{lecture}/speaker", json=body), 422, "no-expert")
    assert [error["pointer"] for error in told["errors"]] == [f"/{missing}"]


@pytest.mark.clause("L-7b")
def test_a_lecture_without_an_expert_is_not_ready(office, justice, lecture):
    files = {"file": ("讲座稿.docx", letter("讲座"))}
    text = done(justice.post(f"/sessions/{lecture}/texts", files=files), 201)
    done(justice.post(f"/sessions/{lecture}/review"))
    done(justice.post(f"/sessions/{lecture}/pass", json={"sha256": text["sha256"]}))
    refused(office.post(f"/sessions/{lecture}/ready"), 409, "expert-not-named")
    row = done(justice.post(f"/sessions/{lecture}/speaker", json=EXPERT))
    assert (row["unit"]["name"], row["speaker"]["organisation"]) == ("区司法局", "某大学（虚构）")
    assert done(office.post(f"/sessions/{lecture}/ready"))["state"] == "ready"


@pytest.mark.clause("L-7b")
def test_a_street_invites_no_lecturer(justice, lecture):
    told = justice.post(f"/sessions/{lecture}/speaker", json=EXPERT | {"invited_by": "天骄街道"})
    refused(told, 409, "not-the-inviting-unit")
