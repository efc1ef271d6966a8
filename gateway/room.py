"""How many requests the gateway works on at a time: what comes beyond is refused at once, not put aside."""

from kit.web.problems import Unavailable


class Room:
    """Room for so many requests: a place is taken for the time of a `with` block."""

    def __init__(self, places: int) -> None:
        self.places, self.taken = places, 0

    def __enter__(self) -> None:
        """Raises: Unavailable, when all are taken."""
        if self.taken >= self.places:
            raise Unavailable("gateway-busy", "同时办理的请求太多，请稍后重试。", retry_after=1)
        self.taken += 1

    def __exit__(self, *_: object) -> None:
        self.taken -= 1
