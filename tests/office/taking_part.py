"""Who takes part in the district's programmes: the government office, and units with their own tokens."""

from kit.district import units
from services.office.plan.roles import MANAGER, UNIT


class District:
    """The office service under test, and who calls it."""

    def __init__(self, running):
        self.running = running
        self.manager = running.client("office:read", "office:write", MANAGER, name="government-office")

    def unit(self, name):
        """A unit that reports; a street's or town's token is limited to it."""
        unit = units.unit(name)
        is_place = unit.kind in (units.Kind.STREET, units.Kind.TOWN)
        return self.running.client(
            "office:read",
            "office:write",
            UNIT,
            unit=unit.id,
            division=unit.name if is_place else None,
            name=unit.id,
        )

    def at(self, moment):
        """Let it be this moment; callers are made after it, as tokens live an hour."""
        self.running.clock.now = moment

    def open(self, programme, *numbers):
        """Open stages."""
        for number in numbers:
            opened = self.manager.post(
                f"/programmes/{programme}/stages/{number}/open", json={"note": "按计划启动"}
            )
            assert opened.status_code == 200, opened.text
