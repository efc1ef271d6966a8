"""Real processes of the service on a test's database."""

import os
import signal
import subprocess
import sys

from kit.testing import PERSONAL_KEY, Running


class Process:
    """`python -m services.emergency COMMAND` until it is killed."""

    def __init__(self, running: Running, command: str, **settings: str) -> None:
        environment = os.environ | {
            "EMERGENCY_DATABASE_URL": running.url,
            "EMERGENCY_PERSONAL_KEY": PERSONAL_KEY.get_secret_value(),
            "EMERGENCY_TOKEN_JWKS": str(running.app.state.settings.token_jwks),
            "EMERGENCY_LOG_LEVEL": "WARNING",
            **{f"EMERGENCY_{name.upper()}": value for name, value in settings.items()},
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.emergency", command], env=environment
        )

    def lives(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
