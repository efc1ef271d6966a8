"""Why no token is given out, as OAuth 2.0 says it (RFC 6749 5.2)."""

from fastapi.responses import JSONResponse

#: What is said of each answer of the token endpoint (RFC 6749 5.1).
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Refused(Exception):
    """An error answer of RFC 6749 5.2; its description is ASCII there, so the Chinese sentence stands beside it."""

    def __init__(self, error: str, description: str, detail: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description, "detail": detail}

    def response(self, *, challenge: bool) -> JSONResponse:
        """The answer; challenge: whether the caller tried HTTP Basic."""
        headers = NO_STORE | ({"WWW-Authenticate": 'Basic realm="dongsheng"'} if challenge else {})
        return JSONResponse(self.body, self.status, headers=headers)
