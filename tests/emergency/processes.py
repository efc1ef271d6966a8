"""Real processes of the service on a test's database."""

from kit.testing import PERSONAL_KEY, Running
from tests.processes import Process


class EmergencyProcess(Process):
    """`python -m services.emergency COMMAND` on the database of a running service."""

    def __init__(self, running: Running, command: str, **settings: str) -> None:
        environment = {
            "EMERGENCY_DATABASE_URL": running.url,
            "EMERGENCY_PERSONAL_KEY": PERSONAL_KEY.get_secret_value(),
            "EMERGENCY_TOKEN_JWKS": str(running.app.state.settings.token_jwks),
            "EMERGENCY_LOG_LEVEL": "WARNING",
            **{f"EMERGENCY_{name.upper()}": value for name, value in settings.items()},
        }
        super().__init__("services.emergency", command, environment=environment)
