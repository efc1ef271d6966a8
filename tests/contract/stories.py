"""One story for each service in which every write that its OpenAPI document names is made once, in an order that works."""

from collections.abc import Callable
from uuid import UUID

from pydantic import SecretStr

from kit.testing import SECRET, Running
from tests.contract import story_dispatch, story_lawstudy, story_registers
from tests.contract.conftest import Door
from tests.contract.documents import service_of
from tests.contract.others import Others
from tests.contract.story_credit import ROLES as CREDIT_ROLES
from tests.contract.story_credit import evaluated
from tests.contract.story_office import ROLES as OFFICE_ROLES
from tests.contract.story_office import leaders, programmes
from tests.contract.story_search import annotated, merges, search
from tests.contract.story_sync import SYNC, sync
from tests.contract.story_workflows import ROLES as PROPERTY_ROLES
from tests.contract.story_workflows import workflows
from tests.contract.writes import STANDING, Writes
from tests.credit.conftest import STATEMENT_KEY, held
from tests.credit.property_events import delivery, told
from tests.emergency.alarm_events import alarming
from tests.emergency.conftest import EVERY_ROLE
from tests.property.conftest import row, workbook

#: The emergency headquarters' office.
OFFICE = "emergency-headquarters-office"
#: What services take in events with, and sign statements with.
OF_PROPERTY = {"event_secrets": {"property": SecretStr(SECRET)}}
TAKING_IN = {
    "credit": OF_PROPERTY | {"statement_key": SecretStr(STATEMENT_KEY)},
    "emergency": OF_PROPERTY,
    "property": {"event_secrets": {"credit": SecretStr(SECRET)}},
}
#: The roles of a service's documents, beside reading and writing.
ROLES = {
    "property": (*PROPERTY_ROLES, SYNC),
    "emergency": EVERY_ROLE,
    "credit": CREDIT_ROLES,
    "lawstudy": story_lawstudy.ROLES,
    "office": OFFICE_ROLES,
}


def tell(
    serve: Callable[..., Running],
    name: str,
    *,
    door: Callable[[Running], Door] | None = None,
    how: type[Writes] = Writes,
) -> Writes:
    """The story of a service, told; with a `door`, through it, each write first tried as those to whom nothing belongs."""
    running = serve(service_of(name), **TAKING_IN.get(name, {}))
    own = [f"{name}:{may}" for may in ("read", "write", "admin", "subscribe", "audit")]
    scopes = (*own, "personal:read", "dispatch:read", "dispatch:any-unit", *ROLES.get(name, ()))
    unit = OFFICE if name == "emergency" else None
    caller = running.client(*scopes, unit=unit, name="story-teller", called="讲述人")
    others = None
    if door is not None:
        through = door(running).through()
        others, caller = Others(running, through, *scopes, "dispatch:write"), caller.over(through)
    writes = how(running, caller, others)
    STORIES[name](writes)
    return writes


def shared_writes(writes: Writes) -> None:
    """What every service takes: hotline requests and subscriptions."""
    story_dispatch.requests(writes)
    subscription = f"/subscriptions/{writes.post('/subscriptions')['id']}"
    writes.send("patch", subscription, json=writes.body("patch", subscription, {}), headers=STANDING)
    for action in ("pause", "resume", "retry", "rotate-secret"):
        writes.post(f"{subscription}/{action}")
    writes.send("delete", subscription)
    kept = writes.post("/subscriptions")["id"]
    given_up(writes, kept)
    writes.post(f"/subscriptions/{kept}/pause")  # nothing is to go out
    writes.places["/subscriptions/{id}"] = f"/subscriptions/{kept}"
    writes.places["/deliveries/{id}"] = f"/deliveries/{kept}"


def given_up(writes: Writes, subscription: str) -> None:
    """A subscription whose receiver took nothing for long is sent again what it lacks, and switched on again."""
    dead = (
        "INSERT INTO held_events (id, subscription_id, event, subject, attempts, since, dead_at)"
        " SELECT event_id, %s, id, subject, 10, now(), now() FROM events ORDER BY id LIMIT 2 RETURNING id"
    )
    (one,), (other,) = writes.running.sql(dead, subscription)
    writes.post(f"/subscriptions/{subscription}/dead/{one}/resend")
    writes.post(f"/deliveries/{subscription}/dead/{other}/resend")
    writes.running.sql("UPDATE subscriptions SET state = 'off' WHERE id = %s RETURNING id", subscription)
    writes.post(f"/deliveries/{subscription}/switch-on")


def credit(writes: Writes) -> None:
    """A company that comes under evaluation."""
    shared_writes(writes)
    writes.send("post", "/events", writes.running.stranger(), **delivery(told(UUID(int=1))))
    evaluated(writes, UUID(int=1))
    held(writes.running, UUID(int=1), 9000)


def property(writes: Writes) -> None:
    """A survey, what is made of its compounds, and the registers that hang on them."""
    shared_writes(writes)

    files = {"file": ("摸底表.xlsx", workbook(row("甲小区"), row("乙小区")))}
    writes.send("post", "/surveys", files=files, params={"as_of": "2024-06-20"})
    annotated(writes, workbook(row("甲小区")))
    one, other = [each["id"] for each in writes.caller.get("/compounds").json()["items"]]
    writes.post(f"/compounds/{one}/red-property", designated_on="2024-06-20")
    writes.post(f"/compounds/{one}/red-property/withdraw", withdrawn_on="2024-06-21")
    writes.put(f"/compounds/{other}/retirement", retired_on="2024-06-21")
    division = writes.caller.get("/divisions").json()["items"][0]["id"]
    writes.put(f"/divisions/{division}/code")

    company = writes.post("/companies")["id"]
    writes.put(f"/companies/{company}")
    committee = writes.post("/committees", compound_id=one)["id"]
    writes.put(f"/committees/{committee}", dissolved_on=None)
    contract = writes.post("/contracts", compound_id=one, company_id=company)["id"]
    for action in ("submit", "return", "submit", "accept"):
        writes.post(f"/contracts/{contract}/{action}")
    search(writes, one)
    sync(writes)
    story_registers.registers(writes, one, company)
    projects(writes, one, company)
    workflows(writes, one, company)
    corrections(writes, one, other)


def projects(writes: Writes, compound: str, company: str) -> None:
    """A project, its compounds, and who is in charge of them."""
    project = writes.register("/projects", company_id=company)
    writes.register("/project-compounds", project_id=project, compound_id=compound)
    writes.register("/charges", compound_id=compound, company_id=company)
    story_registers.of_projects(writes, compound, project)


def corrections(writes: Writes, one: str, other: str) -> None:
    """Names put right, and a survey taken back."""
    post, caller = writes.post, writes.caller
    post(f"/compounds/{one}/rename")
    merges(writes, one, other)
    communities = caller.get("/divisions", params={"kind": "community"}).json()["items"]
    post(f"/divisions/{communities[0]['id']}/rename")
    company = post("/companies", name="误登物业（虚构）", uscc=None)["id"]
    post(f"/companies/{company}/withdraw")
    files = {"file": ("摸底表.xlsx", workbook(row("丙小区", community="误登社区")))}
    typed = writes.send("post", "/surveys", files=files, params={"as_of": "2024-06-19"})["survey"]
    post(f"/surveys/{typed}/withdraw")
    [compound] = writes.running.sql("SELECT id FROM compounds WHERE name = '丙小区'")
    post(f"/compounds/{compound[0]}/withdraw")
    communities = caller.get("/divisions", params={"kind": "community"}).json()["items"]
    post(f"/divisions/{communities[1]['id']}/withdraw")


def emergency(writes: Writes) -> None:
    """The registers, warnings, and an accident from its first report to its closed file."""
    shared_writes(writes)
    registers(writes)
    warnings(writes)
    incident = accident(writes)
    response(writes, incident)
    aftermath(writes, incident)


def registers(writes: Writes) -> None:
    """The registers of the emergency service, and what is done to their entries."""
    post = writes.post
    for path in ("headquarters-posts", "members", "operators", "experts", "rescue-teams"):
        writes.register(f"/{path}")
    company = writes.register("/companies")
    writes.register("/hazard-sources", company_id=company)
    writes.register("/risk-analyses", company_id=company)
    post(f"/supplies/{writes.register('/supplies')}/stock")
    plan = writes.register("/plans")
    post(f"/plans/{plan}/triggers")
    version = post(f"/plans/{plan}/versions")["current"]["id"]
    post(f"/plans/{plan}/versions/{version}/file")
    opinion = writes.register("/opinions")
    post(f"/opinions/{opinion}/check")
    post(f"/opinions/{opinion}/answer")
    post(f"/drills/{writes.register('/drills', plan_id=plan)}/problems")
    shift = writes.register("/duty-shifts")
    following = post("/duty-shifts", half="night")["id"]
    writes.running.clock.now = writes.running.clock.now.replace(hour=20)
    post(f"/duty-shifts/{shift}/hand-over")
    post(f"/duty-shifts/{following}/take-over")


def warnings(writes: Writes) -> None:
    """A district warning and a company's own."""
    post = writes.post
    warning = post("/warnings")["id"]
    writes.put(f"/warnings/{warning}")
    issued = post(f"/warnings/{warning}/issue")
    writes.places["/warnings/{id}/messages/{number}"] = f"/warnings/{warning}/messages/1"
    post(f"/warning-deliveries/{issued['messages'][0]['deliveries'][0]['id']}/done")
    post(f"/warnings/{warning}/adjust")
    post(f"/warnings/{warning}/lift")
    company = writes.caller.get("/companies").json()["items"][0]["id"]
    own = post("/company-warnings", company_id=company)["id"]
    post(f"/company-warnings/{own}/receive")


def accident(writes: Writes) -> str:
    """An accident's first hour: reported, verified, on its way up, in the media; returns its path."""
    post = writes.post
    incident = f"/incidents/{post('/incidents')['number']}"
    post(f"{incident}/reports")
    post(f"{incident}/verify")
    post(f"{incident}/route/headquarters-to-city")
    post(f"{incident}/findings")
    post(f"{incident}/briefings")
    files = {"file": ("井口.jpg", b"\xff\xd8\xff photo")}
    added = writes.send("post", f"{incident}/attachments", files=files, data={"about": "井口照片"})["id"]
    post(f"/attachments/{added}/withdraw")
    files = {"file": ("来函.pdf", b"%PDF-1.7 letter")}
    kept = writes.send("post", f"{incident}/attachments", files=files, data={"about": "来函"})["id"]
    writes.places["/attachments/{id}"] = f"/attachments/{kept}"
    complaint(writes)
    alarms(writes, incident)
    release = post(f"{incident}/releases")["id"]
    writes.put(f"/releases/{release}")
    post(f"/releases/{release}/approve", revision=2)
    post(f"/releases/{release}/publish")
    return incident


def complaint(writes: Writes) -> None:
    """A complaint of the hotline that turns out to be an accident."""
    hotline = writes.running.client("dispatch:write", "dispatch:read", name="12345")
    body = {"matter": "safety-hazard", "summary": "井口冒烟", "division": "天骄街道"}
    number = writes.post("/dispatch/requests", hotline, **body | {"external_number": None})["number"]
    writes.post(f"/dispatch/requests/{number}/accident")


def alarms(writes: Writes, incident: str) -> None:
    """Requests of another service whose words tell of an accident: one is one, one is of a file, one is none."""
    for place in range(1, 4):
        event = alarming(f"DS-PQ-20240624-{place:04}")
        writes.send("post", "/events", writes.running.stranger(), **delivery(event))
    one, other, third = [each["id"] for each in writes.caller.get("/alarms").json()["items"]]
    writes.post(f"/alarms/{one}/make-incident")
    writes.post(f"/alarms/{other}/join", into=incident.removeprefix("/incidents/"))
    writes.post(f"/alarms/{third}/dismiss")


def response(writes: Writes, incident: str) -> None:
    """The response from its proposal to its end, and its tasks."""
    post = writes.post
    post(f"{incident}/response/propose")
    post(f"{incident}/response/start")
    post(f"{incident}/reports", facts={"deaths": 3})
    post(f"{incident}/deadlines/upward-region/done")
    post(f"{incident}/response/adjust")
    tasks = [each["id"] for each in writes.caller.get(f"{incident}/response").json()["tasks"]]
    post(f"/tasks/{tasks[-1]}/acknowledge")
    post(f"/tasks/{tasks[-1]}/finish")
    post(f"/tasks/{tasks[-2]}/waive")
    post(f"/tasks/{tasks[-2]}/reopen")
    post(f"{incident}/tasks/act", items=[{"task": tasks[-3], "action": "acknowledge"}])
    command(writes, incident)
    post(f"{incident}/reports", facts={"endangered": 0})
    post(f"{incident}/response/propose-end")
    post(f"{incident}/response/confirm-end")
    post(f"{incident}/response/end")
    writes.running.clock.advance(hours=3)
    writes.running.tick("scan-deadlines")
    breach = writes.caller.get(f"{incident}/breaches").json()[0]["id"]
    post(f"/breaches/{breach}/refute")


def command(writes: Writes, incident: str) -> None:
    """Who commands on the site, with what, at what cost."""
    post = writes.post
    for action in ("offer", "decline", "assume", "offer", "take"):
        post(f"{incident}/command/{action}")
    post(f"{incident}/field-headquarters")
    post(f"{incident}/field-headquarters/groups")
    version = post(f"{incident}/plans")["version"]
    post(f"{incident}/plans/{version}/confirm")
    post(f"{incident}/evidence")

    force = post(f"{incident}/forces")["id"]
    post(f"/forces/{force}/correct", persons=12)
    post(f"/forces/{force}/danger-zone")
    order = post(f"{incident}/withdrawals")["id"]
    post(f"/withdrawals/{order}/acknowledge", force=force)
    post(f"/withdrawals/{order}/lift")
    post(f"/forces/{force}/danger-zone", entered=None, left=6)
    post(f"/forces/{force}/check-out")

    supply = writes.caller.get("/supplies").json()["items"][0]["id"]
    use = post(f"{incident}/resources", supply=supply)["id"]
    post(f"/resource-uses/{use}/use", amount=2)
    post(f"/resource-uses/{use}/return", amount=3)
    cost = post(f"{incident}/costs")["id"]
    post(f"/costs/{cost}/to-street")
    post(f"/costs/{cost}/settle")


def aftermath(writes: Writes, incident: str) -> None:
    """What follows a response, and a file that is closed and opened again."""
    post = writes.post
    post(f"{incident}/aftermath")
    post(f"{incident}/investigation/extend")
    post(f"{incident}/investigation")
    post(f"{incident}/investigation/approve")
    post(f"{incident}/evaluation")
    measure = post(f"{incident}/measures")[0]["id"]
    post(f"/measures/{measure}/done")
    post(f"{incident}/accountability")
    false_alarm = f"/incidents/{post('/incidents')['number']}"
    post(f"{false_alarm}/refer")
    post(f"{false_alarm}/refer/withdraw")
    post(f"{false_alarm}/reports/1/withdraw", facts=["endangered"])
    second = f"/incidents/{post('/incidents')['number']}"
    post(f"{second}/join", into=false_alarm.removeprefix("/incidents/"))
    post(f"{second}/part")
    post(f"{false_alarm}/close", accident=False)
    post(f"{false_alarm}/reopen")


def lawstudy(writes: Writes) -> None:
    """A year of law study."""
    shared_writes(writes)
    story_dispatch.questions(writes, "law-consultation")
    story_lawstudy.plans(writes)
    story_lawstudy.sessions(writes)
    story_lawstudy.calendar(writes)


def office(writes: Writes) -> None:
    """The government office's desk."""
    shared_writes(writes)
    story_dispatch.questions(writes, "government-affairs")
    leaders(writes)
    programmes(writes)


STORIES: dict[str, Callable[[Writes], None]] = {
    "property": property,
    "credit": credit,
    "emergency": emergency,
    "lawstudy": lawstudy,
    "office": office,
}
