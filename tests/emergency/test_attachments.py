"""Photos, letters and scans of an accident, and who else was told of it."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

PHOTO = b"\xff\xd8\xff\xe0 a photo"
LETTER = b"%PDF-1.7 a letter"


def add(
    emergency, incident: str, data: bytes = PHOTO, name: str = "井口.jpg", about: str = "井口照片"
) -> dict:
    answer = emergency.duty.post(
        f"{incident}/attachments", files={"file": (name, data)}, data={"about": about}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def in_the_file(emergency, incident: str) -> dict[str, bytes]:
    answer = emergency.duty.get(f"{incident}/file")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        return {name.partition("/")[2]: file.read(name) for name in file.namelist()}


@pytest.mark.clause("E-4.6")
def test_a_file_comes_back_byte_for_byte_and_stands_in_the_accident_s_file(emergency):
    incident = emergency.report()
    added = add(emergency, incident)
    assert (added["sha256"], added["size"], added["media_type"]) == (
        sha256(PHOTO).hexdigest(),
        len(PHOTO),
        "image/jpeg",
    )
    answer = emergency.duty.get(f"/attachments/{added['id']}")
    assert answer.content == PHOTO
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert in_the_file(emergency, incident)["attachments/01-井口.jpg"] == PHOTO


def test_the_same_bytes_are_kept_once_for_however_many_accidents(emergency):
    one, other = emergency.report(), emergency.report(place="1 号井")
    first, again, elsewhere = (add(emergency, each) for each in (one, one, other))
    assert first["id"] == again["id"] != elsewhere["id"]
    assert emergency.running.sql("SELECT count(*) FROM contents") == [(1,)]


def test_what_a_photo_shows_stands_in_no_table_in_the_clear_and_a_look_is_audited(emergency):
    incident = emergency.report()
    added = add(emergency, incident)
    [(sealed,)] = emergency.running.sql("SELECT sealed FROM contents")
    assert PHOTO not in bytes(sealed)
    emergency.duty.get(f"/attachments/{added['id']}")
    in_the_file(emergency, incident)
    seen = emergency.running.sql(
        "SELECT details FROM audit WHERE action = 'emergency.personal.seen' ORDER BY id"
    )
    assert [data for (data,) in seen] == [{"attachment": added["id"]}, {"attachments": 1}]


def test_a_number_in_the_words_about_it_is_masked(emergency):
    added = add(emergency, emergency.report(), about="举报人 13812345678 来函")
    assert added["about"] == "举报人 138****5678 来函"


@pytest.mark.clause("E-4.1e")
def test_a_file_added_by_mistake_is_withdrawn_and_stays_on_record(emergency):
    incident = emergency.report()
    wrong, right = add(emergency, incident), add(emergency, incident, LETTER, "来函.pdf", "来函")
    emergency.move(emergency.office, f"/attachments/{wrong['id']}/withdraw", reason="他处照片")
    assert [name for name in in_the_file(emergency, incident) if "attachments/" in name] == [
        "attachments/01-来函.pdf"
    ]
    listed = emergency.duty.get(f"{incident}/attachments").json()
    assert [(each["id"], each["withdrawn_why"]) for each in listed] == [
        (wrong["id"], "他处照片"),
        (right["id"], None),
    ]
    [correction] = emergency.duty.get(f"{incident}/corrections").json()
    assert (correction["subject"], correction["which"]) == ("attachment", "井口.jpg")
    assert add(emergency, incident)["id"] != wrong["id"]
    emergency.move(emergency.office, f"/attachments/{wrong['id']}/withdraw", 409, reason="再撤")


def test_a_name_cannot_lead_out_of_the_file_s_folder(emergency):
    incident = emergency.report()
    add(emergency, incident, name="../../etc/井口.jpg")
    names = [name for name in in_the_file(emergency, incident) if name.startswith("attachments/")]
    assert all(".." not in name.split("/") and name.count("/") == 1 for name in names)


@pytest.mark.parametrize(
    ("name", "kept"), [("..\\..\\a.jpg", "01-.._.._a.jpg"), ("a\u202egpj.exe", "01-agpj.exe")]
)
def test_a_name_misleads_nobody_who_opens_the_file(emergency, name, kept):
    incident = emergency.report()
    add(emergency, incident, name=name)
    assert f"attachments/{kept}" in in_the_file(emergency, incident)


def test_the_name_of_who_reported_is_masked_in_what_is_said_of_a_file_or_to_others(emergency):
    incident = emergency.report(reporter_name="王调度")
    assert add(emergency, incident, about="王调度所摄")["about"] == "王**所摄"
    told = {"receivers": ["伊金霍洛旗应急管理局"], "content": "详情请问王调度"}
    assert emergency.move(emergency.office, f"{incident}/briefings", 201, **told)["content"] == "详情请问王**"


@pytest.mark.clause("E-4.1e")
def test_what_belongs_to_a_call_goes_with_it_into_the_file_it_is_joined_to(emergency):
    incident, second = emergency.report(), emergency.report()
    add(emergency, second)
    told = {"receivers": ["伊金霍洛旗应急管理局"], "content": "可能受影响"}
    emergency.move(emergency.office, f"{second}/briefings", 201, **told)
    into = incident.removeprefix("/incidents/")
    emergency.move(emergency.office, f"{second}/join", into=into, reason="同一起")
    assert in_the_file(emergency, incident)["attachments/01-井口.jpg"] == PHOTO
    assert len(emergency.duty.get(f"{incident}/attachments").json()) == 1
    assert len(emergency.duty.get(f"{incident}/briefings").json()) == 1


def test_one_photo_added_to_two_accidents_at_once_is_taken_by_both(emergency):
    places = [emergency.report(place=f"{number} 号井") for number in (1, 2)]
    with ThreadPoolExecutor(2) as threads:
        added = list(threads.map(lambda place: add(emergency, place)["sha256"], places))
    assert added[0] == added[1]
    assert emergency.running.sql("SELECT count(*) FROM contents") == [(1,)]


def test_an_empty_file_is_refused_with_its_place(emergency):
    answer = emergency.duty.post(
        f"{emergency.report()}/attachments", files={"file": ("空.jpg", b"")}, data={"about": "空"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/file")


@pytest.mark.clause("E-4.1c")
def test_those_whom_an_accident_may_affect_are_told_and_that_stays(emergency):
    incident = emergency.report()
    told = {"receivers": ["伊金霍洛旗应急管理局"], "content": "下游水质可能受影响"}
    made = emergency.move(emergency.office, f"{incident}/briefings", 201, **told)
    assert (made["receivers"], made["basis"][0]["clause"]) == (told["receivers"], "E-4.1c")
    assert emergency.duty.get(f"{incident}/briefings").json() == [made]
    timeline = emergency.duty.get(f"{incident}/timeline").json()["entries"]
    assert "通报伊金霍洛旗应急管理局（电话）：下游水质可能受影响" in [each["text"] for each in timeline]
    assert ("emergency.incident.briefed", told["receivers"]) in [
        (kind, data.get("receivers")) for kind, data in emergency.events()
    ]
    assert b"\xe4\xbc\x8a\xe9\x87\x91" in in_the_file(emergency, incident)["case.json"]
