"""Who called is sealed, masked, found by the whole number alone, and never logged (P-2.2.2b)."""

from tests.kit.dispatch.sending import NAME, PHONE, act, read, send, slug


def test_the_citizen_is_sealed_at_rest_and_masked_for_readers(office, hotline):
    number = send(hotline, citizen={"name": NAME, "phone": PHONE}).json()["number"]
    seen = read(hotline, number)
    assert (seen["citizen_name"], seen["citizen_phone"]) == ("张**", "138****5678")
    for table in ("dispatch_requests", "dispatch_steps", "events", "audit", "idempotency_keys"):
        stored = str(office.sql(f"SELECT t::text FROM {table} AS t"))
        assert PHONE not in stored
        assert NAME not in stored


def test_a_full_look_needs_its_scope_and_is_audited(office, hotline):
    number = send(hotline, citizen={"name": NAME, "phone": PHONE}).json()["number"]
    assert slug(hotline.get(f"/dispatch/requests/{number}", params={"reveal": True})) == (
        403,
        "missing-scope",
    )
    looker = office.client("dispatch:read", "personal:read", name="looker", unit="government-office")
    seen = read(looker, number, reveal=True)
    assert (seen["citizen_name"], seen["citizen_phone"]) == (NAME, PHONE)
    looks = office.sql(
        "SELECT client, unit, subject, details FROM audit WHERE action = 'office.personal.seen'"
    )
    assert looks == [("looker", "government-office", number, {})]


def test_requests_are_found_by_a_whole_number_that_stands_in_no_address_on_the_record(office, hotline):
    number = send(hotline, citizen={"phone": "138-1234-5678"}).json()["number"]
    looker = office.client("dispatch:read", "personal:read", name="looker")
    for sought, found in (
        (PHONE, [number]),
        ("+86" + PHONE, [number]),
        ("138-1234-5678", [number]),
        (PHONE[:-1], []),
        (PHONE[-4:] + "0", []),
    ):
        answer = looker.get("/dispatch/requests", headers={"Citizen-Phone": sought})
        assert [each["number"] for each in answer.json()["items"]] == found
    sought = office.sql("SELECT client, details::text FROM audit WHERE action = 'office.personal.sought'")
    assert len(sought) == 5
    assert ("looker", '{"phone":"138****5678"}') in sought


def test_who_may_not_see_a_number_does_not_find_out_by_it_either(office, hotline):
    send(hotline, citizen={"phone": PHONE})
    for number in (PHONE, "13800000000"):
        answer = hotline.get("/dispatch/requests", headers={"Citizen-Phone": number})
        assert slug(answer) == (403, "missing-scope")


def test_what_was_typed_shows_masked_and_in_full_to_who_looks(office, hotline, unit):
    number = send(hotline, summary=f"{NAME}反映", description=f"请回 {PHONE}", citizen={"name": NAME}).json()[
        "number"
    ]
    act(unit, number, "answer", f"已联系{NAME}（{PHONE}）。")
    seen = read(hotline, number)
    assert (seen["summary"], seen["description"]) == ("张**反映", "请回 138****5678")
    assert seen["answer"] == seen["steps"][-1]["note"] == "已联系张**（138****5678）。"
    looker = office.client("dispatch:read", "personal:read", name="looker")
    seen = read(looker, number, reveal=True)
    assert (seen["summary"], seen["description"]) == (f"{NAME}反映", f"请回 {PHONE}")
    assert seen["answer"] == seen["steps"][-1]["note"] == f"已联系{NAME}（{PHONE}）。"


def test_no_log_line_holds_a_phone_or_a_name(office, hotline, unit, capfd):
    number = send(hotline, citizen={"name": NAME, "phone": PHONE}).json()["number"]
    act(unit, number, "answer", "已答复。")
    office.client("dispatch:read", "personal:read").get(
        "/dispatch/requests", headers={"Citizen-Phone": PHONE}
    )
    send(hotline, citizen={"name": NAME, "phone": PHONE}, matter="magic")
    send(hotline, citizen={"name": [NAME], "phone": PHONE + "x"})
    send(hotline, citizen={"name": NAME + "\x00", "phone": PHONE}, details={"a": "\x00"})
    office.sql("ALTER TABLE dispatch_steps RENAME TO elsewhere")
    assert send(hotline, citizen={"name": NAME, "phone": PHONE}).status_code == 500
    logged = "".join(capfd.readouterr())
    assert '"event": "unexpected"' in logged
    assert PHONE not in logged
    assert NAME not in logged
