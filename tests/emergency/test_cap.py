"""CAP 1.2 and the Atom feed, by the official schema, a second reader, and our own checks."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from math import cos, sin, tau
from xml.etree import ElementTree as ET

import pytest
from cap_tools import models as reader
from capvalidator import check_schema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser

from services.emergency.app import service
from services.emergency.plan.cap import crosses_itself, geocode, identifier_stem, stamp
from services.emergency.warnings.cap import NAMESPACE
from services.emergency.warnings.shapes import EXAMPLE
from tests.emergency.cap_checks import faults

OFFICE = "emergency-headquarters-office"
CAP, ATOM = f"{{{NAMESPACE}}}", "{http://www.w3.org/2005/Atom}"
SCHEMA = etree.XMLSchema(file=str(files("capvalidator") / "static" / "CAP-v1.2-schema.xsd"))


@pytest.fixture
def running(serve):
    return serve(service, cap_agency="073", cap_sender="cap.test", public_url="https://example.org")


@pytest.fixture
def office(running):
    return running.client("emergency:read", "emergency:warn", unit=OFFICE)


def issued(office, **change):
    id = office.post("/warnings", json=EXAMPLE | change).json()["id"]
    answer = office.post(f"/warnings/{id}/issue")
    assert answer.status_code == 200, answer.json()
    return id


def chain(running, office, **change):
    """A warning that was issued, raised, lowered and lifted; its messages in order."""
    id = issued(office, **change)
    for step in ("red", "blue"):
        running.clock.advance(minutes=10)
        content = {name: value for name, value in change.items() if name != "exercise"}
        body = EXAMPLE | content | {"reason": "变化", "colour": step, "expected_grade": None}
        assert office.post(f"/warnings/{id}/adjust", json=body).status_code == 200
    running.clock.advance(minutes=10)
    assert office.post(f"/warnings/{id}/lift", json={"reason": "已封堵"}).status_code == 200
    return id, [office.get(f"/warnings/{id}/messages/{n}.cap").content for n in (1, 2, 3, 4)]


def texts(xml, name):
    return [element.text for element in ET.fromstring(xml).iter(CAP + name)]


FULL = {
    "areas": [
        EXAMPLE["areas"][0],
        {
            "code": "150602100",
            "division": "铜川镇",
            "circle": {"latitude": "39.7", "longitude": "110.1", "radius_km": "2.5"},
        },
        {},
    ],
    "description": "某储罐压力升高 <紧急> & 注意",
    "categories": ["Safety", "CBRNE", "Env"],
    "response_types": ["Evacuate", "Avoid"],
    "event_code": "12A05",
}


@pytest.mark.clause("E-3.3b")
@pytest.mark.parametrize("content", [{}, FULL], ids=["plain", "full"])
@pytest.mark.parametrize("exercise", [False, True], ids=["actual", "exercise"])
def test_every_message_holds_by_the_official_schema_a_second_reader_and_our_checks(
    running, office, content, exercise
):
    report = {"place": "某园区", "occurred_at": "2024-06-24T09:00:00+08:00", "exercise": exercise}
    incident = running.client().post("/incidents", json=report).json()["number"]
    _, messages = chain(running, office, exercise=exercise, incident=incident, **content)

    for number, xml in enumerate(messages):
        SCHEMA.assertValid(etree.fromstring(xml))
        assert check_schema(xml).passed
        assert faults(xml, messages[:number]) == []
        read = XmlParser().from_bytes(xml, reader.Alert)
        assert read.identifier == texts(xml, "identifier")[0]
        assert read.status.value == ("Exercise" if exercise else "Actual")
        assert read.infos[0].headline.startswith("【演练】") is exercise
        assert read.infos[0].language == "zh-CN"
        referred = [each.identifier for each in read.references_to_list()]
        assert referred == [texts(each, "identifier")[0] for each in messages[:number]]
        assert read.incidents == incident


def test_the_messages_of_a_warning_are_alert_updates_and_cancel_with_their_colours(running, office):
    _, messages = chain(running, office)

    kinds = [texts(xml, "msgType")[0] for xml in messages]
    severities = [texts(xml, "severity")[0] for xml in messages]
    colours = [texts(xml, "value")[0] for xml in messages]
    responses = [texts(xml, "responseType") for xml in messages]
    assert kinds == ["Alert", "Update", "Update", "Cancel"]
    assert severities == ["Moderate", "Extreme", "Minor", "Minor"]
    assert colours == ["Yellow", "Red", "Blue", "Blue"]
    assert responses == [["Prepare"], ["Evacuate"], ["Monitor"], ["AllClear"]]
    assert [texts(xml, "note") for xml in messages] == [[], ["变化"], ["变化"], ["已封堵"]]


@pytest.mark.parametrize(
    ("colour", "severity", "level"),
    [("red", "Extreme", "Ⅰ"), ("orange", "Severe", "Ⅱ"), ("yellow", "Moderate", "Ⅲ"), ("blue", "Minor", "Ⅳ")],
)
def test_a_colour_has_its_severity_and_is_kept_as_a_parameter(office, colour, severity, level):
    xml = office.get(f"/warnings/{issued(office, colour=colour, expected_grade=None)}.cap").content
    parameters = {e[0].text: e[1].text for e in ET.fromstring(xml).iter(CAP + "parameter")}
    assert texts(xml, "severity") == [severity]
    assert parameters == {"colour": colour.title(), "level": level}


def test_the_area_has_name_code_and_shape(office):
    xml = office.get(f"/warnings/{issued(office, **FULL)}.cap").content
    areas = [
        [(e.tag.removeprefix(CAP), "".join(e.itertext()).split()) for e in a]
        for a in ET.fromstring(xml).iter(CAP + "area")
    ]
    code = ["GB/T", "2260"]
    assert areas == [
        [
            ("areaDesc", ["罕台镇"]),
            ("polygon", ["39.80,109.80", "39.80,109.90", "39.90,109.90", "39.80,109.80"]),
        ],
        [("areaDesc", ["铜川镇"]), ("circle", ["39.7,110.1", "2.5"]), ("geocode", [*code, "150602100"])],
        [("areaDesc", ["东胜区"]), ("geocode", [*code, "150602"])],
    ]


def test_the_identifier_has_the_national_form_and_counts_within_a_second(office):
    seen = [texts(office.get(f"/warnings/{issued(office)}.cap").content, "identifier")[0] for _ in range(10)]
    assert seen == [f"15060207300000_20240624093000_{n}" for n in range(10)]

    id = office.post("/warnings", json=EXAMPLE).json()["id"]
    busy = office.post(f"/warnings/{id}/issue")
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")


def test_what_was_sent_stays_as_it_was_sent(running, office):
    id = issued(office)
    first = office.get(f"/warnings/{id}.cap")
    running.clock.advance(minutes=5)
    office.post(f"/warnings/{id}/lift", json={"reason": "已封堵"})

    assert office.get(f"/warnings/{id}/messages/1.cap").content == first.content
    assert texts(office.get(f"/warnings/{id}.cap").content, "msgType") == ["Cancel"]


def test_a_draft_has_no_message(office):
    id = office.post("/warnings", json=EXAMPLE).json()["id"]
    assert office.get(f"/warnings/{id}.cap").status_code == 404


@pytest.mark.parametrize("path", ["/warnings/{id}.cap", "/warnings/{id}/messages/1.cap", "/warnings.atom"])
def test_who_has_it_already_is_told_so_without_a_body(running, office, path):
    public = running.client("emergency:read")
    path = path.format(id=issued(office))
    first = public.get(path)
    tags = {"ETag", "Last-Modified", "Cache-Control"}

    for headers in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"other", W/{first.headers["etag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": "Mon, 24 Jun 2024 01:30:00 GMT"},
    ):
        again = public.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert {name: again.headers[name] for name in tags} == {name: first.headers[name] for name in tags}
    for headers in (
        {"If-None-Match": '"other"', "If-Modified-Since": "Mon, 24 Jun 2024 01:30:00 GMT"},
        {"If-Modified-Since": "Mon, 24 Jun 2024 01:29:59 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert public.get(path, headers=headers).content == first.content
    assert first.headers["last-modified"] == "Mon, 24 Jun 2024 01:30:00 GMT"
    assert public.request("HEAD", path).headers["etag"] == first.headers["etag"]


def test_the_feed_has_every_message_newest_first_and_each_link_leads_to_its_cap(running, office):
    assert ET.fromstring(office.get("/warnings.atom").content).findall(ATOM + "entry") == []
    _, messages = chain(running, office)

    answer = office.get("/warnings.atom")
    feed = ET.fromstring(answer.content)
    entries = feed.findall(ATOM + "entry")

    assert answer.headers["content-type"].startswith("application/atom+xml")
    links = [
        entry.find(ATOM + "link").get("href").removeprefix("https://example.org/emergency/v1")
        for entry in entries
    ]
    assert [office.get(link).content for link in links] == messages[::-1]
    updated = [entry.findtext(ATOM + "updated") for entry in entries]
    assert updated == sorted(updated, reverse=True)
    assert feed.findtext(ATOM + "updated") == updated[0]
    assert len({entry.findtext(ATOM + "id") for entry in entries}) == 4
    assert entries[0].findtext(ATOM + "title") == "区指挥部办公室解除危险化学品泄漏蓝色预警"
    assert office.get("/warnings.atom", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_the_checks_themselves_find_what_the_schema_lets_pass(running, office):
    _, (alert, update, *_) = chain(running, office)

    def changed(name, text):
        root = ET.fromstring(update)
        root.find(CAP + name).text = text
        return ET.tostring(root)

    own = ",".join(texts(update, name)[0] for name in ("sender", "identifier", "sent"))
    later = texts(update, "references")[0].replace("T09:30", "T23:30")
    for wrong, fault in (
        (changed("references", ""), "without references"),
        (changed("references", "nonsense"), "malformed"),
        (changed("references", own), "refers to itself"),
        (changed("references", later), "later than the message"),
        (changed("identifier", "a b,c"), "national form"),
        (update.replace(b"39.80,109.80 39.80,109.90", b"39.81,109.80 39.80,109.90"), "not closed"),
    ):
        SCHEMA.assertValid(etree.fromstring(wrong))
        assert any(fault in each for each in faults(wrong, [alert])), fault


#: From 1992 on: before, the country had summer time.
MOMENTS = st.floats(694_224_000, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(MOMENTS)
def test_a_time_is_written_in_the_district_s_zone_to_the_second(moment):
    written = stamp(moment)
    assert len(written) == 25
    assert written.endswith("+08:00")
    assert datetime.fromisoformat(written) == moment.replace(microsecond=0)
    assert identifier_stem("000", moment).startswith("15060200000000_")


def star(count):
    """A convex polygon of so many corners."""
    corners = [
        (Decimal(f"{sin(tau * n / count):.4f}"), Decimal(f"{cos(tau * n / count):.4f}")) for n in range(count)
    ]
    return [*corners, corners[0]]


@given(st.integers(4, 40), st.data())
def test_a_convex_polygon_never_crosses_itself_and_two_swapped_corners_do(count, data):
    corners = star(count)
    assert not crosses_itself(corners)
    first = data.draw(st.integers(1, count - 2))
    corners[first], corners[first + 1] = corners[first + 1], corners[first]
    assert crosses_itself(corners)


def test_a_warning_lifted_after_its_end_is_shown_lifted_for_another_hour(running, office):
    id = issued(office)
    running.clock.advance(days=3)
    office.post(f"/warnings/{id}/lift", json={"reason": "已封堵"})
    assert texts(office.get(f"/warnings/{id}.cap").content, "expires") == ["2024-06-27T10:30:00+08:00"]


def test_exercises_never_stand_among_the_real_messages_of_the_feed(office):
    issued(office)
    issued(office, exercise=True)

    def titles(**params):
        entries = ET.fromstring(office.get("/warnings.atom", params=params).content).findall(ATOM + "entry")
        return [entry.findtext(ATOM + "title").startswith("【演练】") for entry in entries]

    assert (titles(), titles(exercise=True)) == ([False], [True])


@pytest.mark.parametrize("division", ["罕台镇", "天骄街道"])
def test_a_street_s_warning_never_has_the_code_that_alarms_the_whole_district(office, division):
    street = {"areas": [{"division": division}]}
    xml = office.get(f"/warnings/{issued(office, **street)}.cap").content
    assert ET.fromstring(xml).find(f".//{CAP}geocode") is None

    refused = office.post("/warnings", json=EXAMPLE | {"areas": [{"division": division, "code": "150602"}]})
    assert refused.status_code == 422
    assert "镇街道请填自己的" in refused.text


def test_a_street_s_code_is_not_taken_without_the_street(office):
    assert office.post("/warnings", json=EXAMPLE | {"areas": [{"code": "150602100"}]}).status_code == 422


@given(
    st.one_of(st.none(), st.just("罕台镇")), st.sampled_from([None, "150602", "150602100", "150602100001"])
)
def test_only_the_whole_district_has_the_district_s_code(division, code):
    assert (geocode(division, code) == "150602") <= (division is None)


def test_a_message_always_describes_itself_and_says_where_more_is_told(running, office):
    _, messages = chain(running, office)
    for number, xml in enumerate(messages, 1):
        [description], [web] = texts(xml, "description"), texts(xml, "web")
        assert all(word in description for word in ("危险化学品泄漏", "罕台镇", "色"))
        assert web.startswith("https://example.org/emergency/v1/warnings/")
        assert web.endswith(f"/messages/{number}.cap")
        assert office.get(web.removeprefix("https://example.org/emergency/v1")).content == xml


def test_every_link_of_the_feed_is_absolute(office):
    issued(office)
    links = [
        each.get("href") for each in ET.fromstring(office.get("/warnings.atom").content).iter(ATOM + "link")
    ]
    assert len(links) == 2
    assert all(link.startswith("https://example.org/emergency/v1/") for link in links)


@pytest.mark.clause("E-3.3b")
def test_the_public_reads_the_feed_and_what_it_leads_to_without_a_token(running, office):
    id = issued(office)
    public = running.stranger()
    feed = public.get("/warnings.atom")
    [entry] = ET.fromstring(feed.content).iter("{http://www.w3.org/2005/Atom}entry")
    [link] = [each.get("href") for each in entry.iter("{http://www.w3.org/2005/Atom}link")]
    assert link.startswith("https://example.org/emergency/v1/")
    assert (
        public.get(link.removeprefix("https://example.org/emergency/v1")).content
        == public.get(f"/warnings/{id}.cap").content
    )
    assert public.get(f"/warnings/{id}").status_code == 401


def test_a_draft_is_not_published(running, office):
    draft = office.post("/warnings", json=EXAMPLE).json()["id"]
    assert running.stranger().get(f"/warnings/{draft}.cap").status_code == 404
    assert b"<entry" not in running.stranger().get("/warnings.atom").content
