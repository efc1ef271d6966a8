"""Callers of the emergency service as the plan knows them."""

from typing import Any

import pytest

from kit.testing import Client, Running
from services.emergency.app import service
from services.emergency.plan import roles

EVERY_ROLE = [role for name, role in vars(roles).items() if name.isupper()]


class Emergency:
    """The service, with a caller for each role of the plan."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.clock = running.clock
        self.duty = self.role()
        self.office = self.role(roles.OFFICE, name="office", unit="emergency-headquarters-office")
        self.headquarters = self.role(roles.HEADQUARTERS, name="headquarters", unit="emergency-headquarters")
        self.field = self.role(roles.FIELD, name="field")
        self.company = self.role(roles.COMPANY, name="company")
        self.higher = self.role(roles.HIGHER, name="higher")
        self.publicity = self.role(roles.PUBLICITY, name="publicity")

    def role(self, *scopes: str, name: str = "duty", **limited: Any) -> Client:
        """A caller who may read and write, with the scopes of a role besides; limited: as `Running.client`."""
        return self.running.client("emergency:read", "emergency:write", *scopes, name=name, **limited)

    def member(self, unit: str) -> Client:
        """A unit that owns tasks."""
        return self.role(roles.MEMBER, name=unit, unit=unit)

    def report(self, **told: object) -> str:
        """Take a first report; returns its path below the service's prefix."""
        body = {"unit": "示例煤业公司", "place": "2 号井", "division": "铜川镇", "occurred_at": "now"} | told
        answer = self.duty.post("/incidents", json=body)
        assert answer.status_code == 201, answer.text
        return f"/incidents/{answer.json()['number']}"

    def tell(self, incident: str, kind: str = "follow_up", **facts: object) -> dict:
        """Add a report with these facts."""
        answer = self.duty.post(f"{incident}/reports", json={"kind": kind, "facts": facts})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def move(self, caller: Client, path: str, status: int = 200, **body: object) -> dict:
        """POST as a caller, and say what came if it was not expected."""
        answer = caller.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def start(self, incident: str, **body: object) -> dict:
        """Have the office propose and headquarters start the response."""
        self.move(self.office, f"{incident}/response/propose", reason="提请启动")
        return self.move(self.headquarters, f"{incident}/response/start", **({"reason": "同意"} | body))

    def end(self, incident: str) -> dict:
        """Have the field confirm and headquarters end the response."""
        self.move(self.field, f"{incident}/response/confirm-end", reason="危险已消除")
        return self.move(self.headquarters, f"{incident}/response/end", reason="批准")

    def events(self, *types: str) -> list[tuple[str, dict]]:
        """(type, data) of the events so far, in order; of these types where any are given."""
        rows = self.running.sql("SELECT type, data FROM events ORDER BY id")
        return [(kind, data) for kind, data in rows if not types or kind in types]


@pytest.fixture
def emergency(serve) -> Emergency:
    return Emergency(serve(service))


@pytest.fixture
def ended(emergency) -> str:
    """An accident whose response was started and ended."""
    incident = emergency.report()
    emergency.start(incident)
    emergency.end(incident)
    return incident
