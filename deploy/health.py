"""python -m deploy.health PORT: exit status 0 if the process that listens there says that it is ready; for containers."""

import sys
from http.client import HTTPConnection, HTTPException


def main() -> int:
    """Ask it, from the same machine."""
    connection = HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=3)
    try:
        connection.request("GET", "/health/ready")
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
