"""python -m deploy.health PORT: exit status 0 if the process that listens there says that it is ready; for containers.

It is asked every few seconds, so it takes a bare socket: the standard library's HTTP client takes longer to import than to ask.
"""

import socket
import sys

_QUESTION = b"GET /health/ready HTTP/1.0\r\n\r\n"
#: Seconds for each step.
_PATIENCE = 3


def main() -> int:
    """Ask it, from the same machine."""
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=_PATIENCE) as connection:
            connection.sendall(_QUESTION)
            with connection.makefile("rb") as answer:
                return 0 if answer.readline().split(maxsplit=2)[1:2] == [b"200"] else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
