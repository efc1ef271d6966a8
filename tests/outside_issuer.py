"""A made-up issuer outside the house: a server of the test's own that publishes keys and signs tokens."""

import base64
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

ISSUER = "https://sso.example.gov.cn/realms/ordos"
#: What its roles and streets are to us.
MEANING: dict[str, Any] = {
    "issuer": ISSUER,
    "audience": "dongsheng-api",
    "algorithms": ["RS256", "ES256"],
    "scopes": {
        "claim": ["realm_access", "roles"],
        "values": {"reader": ["notebook:read", "dispatch:read"], "writer": ["notebook:write"]},
    },
    "unit": {"claim": "dept"},
    "division": {"claim": "street", "values": {"tj": "天骄街道", "gy": "公园街道"}},
    "company": {"claim": "uscc"},
}


class OutsideIssuer:
    """Publishes the keys that `published` lists, and counts how often they were fetched."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.published: list[RSAKey | ECKey | OctKey] = [self.key]
        self.fetched = 0
        self.status = 200
        self.raw: bytes | None = None
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetched += 1
                body = issuer.jwks() if issuer.raw is None else issuer.raw
                self.send_response(issuer.status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/certs"

    def jwks(self) -> bytes:
        return json.dumps({"keys": [key.as_dict(private=False) for key in self.published]}).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def file(self, folder: Path, jwks: str = "", **changes: Any) -> Path:
        """The file that names this issuer; None leaves an entry out."""
        meaning = MEANING | {"jwks": jwks or self.address} | changes
        entry = {name: value for name, value in meaning.items() if value is not None}
        path = folder / "issuers.yaml"
        path.write_text(yaml.safe_dump({"issuers": {"region": entry}}, allow_unicode=True))
        return path

    def token(self, key: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A token that is right but for what is given; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": ["dongsheng-api", "account"],
            "sub": "f3a1",
            "name": "智慧社区平台",
            "iat": now,
            "exp": now + 60,
            "realm_access": {"roles": ["reader", "offline_access"]},
            "street": "tj",
        } | changes
        key = key or self.key
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "RS256", "kid": key.kid} | (header or {})
        return jwt.encode(head, claims, key, algorithms=[head["alg"]])

    def unsigned(self, **header: Any) -> str:
        claims = self.token().split(".")[1]
        head = json.dumps({"alg": "none", "kid": "first"} | header).encode()
        return f"{base64.urlsafe_b64encode(head).decode().rstrip('=')}.{claims}."

    def confused(self) -> str:
        """Signed with the public key as if it were a secret that both sides know."""
        public = base64.urlsafe_b64encode(self.key.as_pem(private=False)).decode()  # else the library refuses
        secret = OctKey.import_key(public)
        claims = json.loads(base64.urlsafe_b64decode(self.token().split(".")[1] + "=="))
        return jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret)


def _stranger() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first"})


#: (what is wrong with a token, the token, the problem)
REFUSED: list[tuple[str, Callable[[OutsideIssuer], str], str]] = [
    ("another issuer", lambda it: it.token(iss="https://elsewhere.example"), "invalid-token"),
    ("an issuer with a slash more", lambda it: it.token(iss=ISSUER + "/"), "invalid-token"),
    ("our issuer, their key", lambda it: it.token(iss="dongsheng-gateway", aud="dongsheng"), "invalid-token"),
    ("another audience", lambda it: it.token(aud="account"), "invalid-token"),
    ("no audience", lambda it: it.token(aud=None), "invalid-token"),
    ("our own audience", lambda it: it.token(aud="dongsheng"), "invalid-token"),
    ("expired", lambda it: it.token(exp=int(time.time()) - 1), "expired-token"),
    ("no end", lambda it: it.token(exp=None), "invalid-token"),
    ("not yet", lambda it: it.token(nbf=int(time.time()) + 600), "invalid-token"),
    ("alg none", OutsideIssuer.unsigned, "invalid-token"),
    ("a list as the name of a key", lambda it: it.unsigned(alg="RS256", kid=["first"]), "invalid-token"),
    ("an object as the name of a key", lambda it: it.unsigned(alg="RS256", kid={"x": 1}), "invalid-token"),
    ("a list of algorithms", lambda it: it.unsigned(alg=["RS256"]), "invalid-token"),
    ("an object as its issuer", lambda it: it.token(iss={"x": ISSUER}), "invalid-token"),
    ("the public key as a secret", OutsideIssuer.confused, "invalid-token"),
    ("an algorithm that is not named", lambda it: it.token(header={"alg": "PS256"}), "invalid-token"),
    ("another key of the same name", lambda it: it.token(_stranger()), "invalid-token"),
    ("an unknown key", lambda it: it.token(RSAKey.generate_key(2048, {"kid": "x"})), "invalid-token"),
    ("nobody's", lambda it: it.token(sub=None), "invalid-token"),
    ("an endless name", lambda it: it.token(sub="x" * 300), "invalid-token"),
    ("a street that is none of ours", lambda it: it.token(street="elsewhere"), "invalid-token"),
    (
        "a street by its Chinese name, which is not listed",
        lambda it: it.token(street="天骄街道"),
        "invalid-token",
    ),
    ("a list of streets", lambda it: it.token(street=["tj", "gy"]), "invalid-token"),
    ("no street and no company", lambda it: it.token(street=None), "invalid-token"),
    ("a unit that is none", lambda it: it.token(dept="某某局"), "invalid-token"),
    ("a code that is none", lambda it: it.token(street=None, uscc="91150602MA0DEMF000"), "invalid-token"),
    ("a street and a company", lambda it: it.token(uscc="91150602MA0DEMF00Q"), "invalid-token"),
]
