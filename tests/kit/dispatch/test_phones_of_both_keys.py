"""Who called is found by the phone while two keys of personal data are there, whichever of them hashed it."""

from pydantic import SecretStr

from kit.personal.keys import Keys
from kit.personal.resealing import RESEAL
from kit.storage.pending import defer
from kit.testing import PERSONAL_KEY
from services.office.app import service

PHONE = "13800001234"
NEW = b"n" * 32
OLD = Keys.read(PERSONAL_KEY.get_secret_value()).sealing


def call(running, summary):
    citizen = {"name": "张先生", "phone": PHONE}
    body = {"matter": "government-affairs", "summary": summary, "division": "天骄街道", "citizen": citizen}
    answer = running.client("dispatch:write", name="12345").post("/dispatch/requests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["number"]


def calls_of(running, phone):
    reader = running.client("dispatch:read", "personal:read", name="12345")
    answer = reader.get("/dispatch/requests", headers={"Citizen-Phone": phone})
    assert answer.status_code == 200, answer.text
    return {each["number"] for each in answer.json()["items"]}


def test_calls_from_before_and_after_the_change_are_found_before_during_and_after_sealing_anew(serve):
    before = serve(service)

    def with_keys(keys):
        running = serve(service, database_url=SecretStr(before.url), personal_key=SecretStr(keys.written))
        running.clone = before.clone
        return running

    announced, both, alone = (with_keys(each) for each in (Keys(OLD, NEW), Keys((NEW, *OLD)), Keys((NEW,))))
    numbers = {call(each, f"咨询 {place}") for place, each in enumerate((before, announced, both))}
    assert calls_of(announced, PHONE) == calls_of(both, PHONE) == numbers

    async def begin(context):
        defer(context.session, RESEAL, key=context.cipher.id)

    both.run(begin)
    both.work()
    assert calls_of(both, PHONE) == calls_of(alone, PHONE) == numbers
    assert calls_of(announced, PHONE) == numbers, "a process that was not restarted finds them too"
    assert calls_of(alone, "13800004321") == set()
