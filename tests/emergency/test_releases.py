"""Information goes out only when the authority of the grade has approved it."""

import pytest

from services.emergency.plan import roles

TEXT = {"title": "情况通报", "text": "6 月 24 日上午，某矿发生事故。"}
CHANNELS = {"channels": ["政府门户网站"]}


@pytest.fixture
def district(emergency):
    return emergency.role(roles.RELEASE_DISTRICT, name="district")


@pytest.fixture
def city(emergency):
    return emergency.role(roles.RELEASE_CITY, name="city")


def draft(emergency, incident: str, **body: object) -> dict:
    return emergency.move(emergency.publicity, f"{incident}/releases", 201, **(TEXT | body))


@pytest.mark.clause("E-4.8")
def test_a_general_accident_is_released_on_the_districts_word(emergency, district):
    release = draft(emergency, emergency.report())
    path = f"/releases/{release['id']}"
    emergency.move(district, f"{path}/approve", revision=1)
    published = emergency.move(emergency.publicity, f"{path}/publish", **CHANNELS)

    assert (release["needs_zh"], published["state"], published["authority"]) == (
        "区人民政府",
        "published",
        "district",
    )
    ((_, event),) = emergency.events("emergency.release.published")
    assert event["text_hash"] == published["text_hash"]


def test_a_long_text_is_taken_and_given_back_whole(emergency):
    text = "通" * 50_000
    release = draft(emergency, emergency.report(), text=text)
    assert emergency.duty.get(f"/releases/{release['id']}").json()["text"] == text


@pytest.mark.clause("E-4.8")
def test_publishing_without_approval_is_refused(emergency):
    release = draft(emergency, emergency.report())
    refused = emergency.move(emergency.publicity, f"/releases/{release['id']}/publish", 409, **CHANNELS)
    assert refused["basis"][0]["clause"] == "E-4.8"
    assert "批准（区人民政府）" in refused["detail"]


@pytest.mark.clause("E-4.8")
@pytest.mark.parametrize(
    ("deaths", "sensitive", "needs"),
    [(0, True, "city"), (3, False, "city"), (10, False, "higher"), (30, True, "higher")],
)
def test_a_graver_or_a_sensitive_accident_needs_a_higher_word(emergency, district, deaths, sensitive, needs):
    release = draft(emergency, emergency.report(deaths=deaths), sensitive=sensitive)
    refused = emergency.move(district, f"/releases/{release['id']}/approve", 403, revision=1)
    assert release["needs"] == needs
    assert release["needs_zh"].split("（")[0][:3] in refused["detail"] or "自治区" in refused["detail"]


@pytest.mark.clause("E-4.8")
def test_the_citys_word_names_its_document(emergency, city):
    release = draft(emergency, emergency.report(deaths=3))
    path = f"/releases/{release['id']}/approve"
    assert emergency.move(city, path, 422, revision=1)["errors"][0]["pointer"] == "/document"
    assert emergency.move(city, path, revision=1, document="授权函 5 号")["document"] == "授权函 5 号"


@pytest.mark.clause("E-4.8")
def test_a_revised_text_needs_approval_again_and_a_published_one_stays(emergency, district):
    release = draft(emergency, emergency.report())
    path = f"/releases/{release['id']}"
    emergency.move(district, f"{path}/approve", revision=1)
    revised = revise(emergency, path, text="更正").json()
    emergency.move(emergency.publicity, f"{path}/publish", 409, **CHANNELS)
    unread = emergency.move(district, f"{path}/approve", 409, revision=1)
    emergency.move(district, f"{path}/approve", revision=2)
    emergency.move(emergency.publicity, f"{path}/publish", **CHANNELS)

    assert (revised["state"], revised["revision"], revised["text_hash"]) == ("drafted", 2, None)
    assert "第 2 稿" in unread["detail"]
    assert revise(emergency, path).status_code == 409


def revise(emergency, path: str, **body: object):
    etag = emergency.publicity.get(path).headers["etag"]
    return emergency.publicity.put(path, json=TEXT | body, headers={"If-Match": etag})


def test_a_draft_is_revised_only_by_who_has_seen_it_as_it_is(emergency):
    path = f"/releases/{draft(emergency, emergency.report())['id']}"
    etag = emergency.publicity.get(path).headers["etag"]
    unseen = emergency.publicity.put(path, json=TEXT)
    first = emergency.publicity.put(path, json=TEXT, headers={"If-Match": etag})
    stale = emergency.publicity.put(path, json=TEXT, headers={"If-Match": etag})
    assert (unseen.status_code, first.status_code, stale.status_code) == (428, 200, 412)


@pytest.mark.clause("E-4.8")
def test_an_approval_does_not_outlive_a_rise_of_the_grade(emergency, district):
    incident = emergency.report()
    release = draft(emergency, incident)
    path = f"/releases/{release['id']}"
    emergency.move(district, f"{path}/approve", revision=1)
    emergency.tell(incident, deaths=3)

    refused = emergency.move(emergency.publicity, f"{path}/publish", 409, **CHANNELS)
    assert "市委宣传部" in refused["detail"]


def test_only_the_publicity_side_drafts_and_publishes(emergency, district):
    emergency.move(emergency.duty, f"{emergency.report()}/releases", 403, **TEXT)
