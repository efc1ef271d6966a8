"""Whom an id_token names: nobody, unless the provider's key, its issuer, its reader, its time and our nonce are right."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, KeySet, RSAKey

from console.people.identity import Expected, Unfit, identity_of
from tests.outside_issuer import ISSUER, OutsideIssuer

EXPECTED = Expected(ISSUER, "console", "a nonce", "sub")
OURS: dict[str, Any] = {"aud": "console", "nonce": "a nonce"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[OutsideIssuer]:
    made = OutsideIssuer()
    yield made
    made.close()


def read(issuer: OutsideIssuer, token: str, expected: Expected = EXPECTED) -> str:
    keys = KeySet([RSAKey.import_key(issuer.key.as_dict(private=False))])
    return identity_of(token, keys, expected, time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["console"]},
        {"aud": ["console", "another"], "azp": "console"},
        {"azp": "console"},
        {"iat": int(time.time()) + 20},
    ],
)
def test_a_token_that_is_right_names_somebody(issuer: OutsideIssuer, claims: dict[str, Any]) -> None:
    assert read(issuer, issuer.token(**OURS | claims)) == "f3a1"


def test_the_claim_that_names_somebody_is_chosen(issuer: OutsideIssuer) -> None:
    token = issuer.token(**OURS, employee_number="150602-0017")
    assert read(issuer, token, Expected(ISSUER, "console", "a nonce", "employee_number")) == "150602-0017"


def test_keys_of_elliptic_curves_hold_too(issuer: OutsideIssuer) -> None:
    key = ECKey.generate_key("P-256", {"kid": "ec"})
    token = issuer.token(key, {"alg": "ES256"}, **OURS)
    assert identity_of(token, KeySet([key]), EXPECTED, time.time()) == "f3a1"


SEVERAL = ["console", "another"]
#: (the token, what is wrong with it)
WRONG: list[tuple[Callable[[OutsideIssuer], str], str]] = [
    (lambda it: it.token(RSAKey.generate_key(2048, {"kid": "first"}), **OURS), "signature"),
    (lambda it: it.token(RSAKey.generate_key(2048, {"kid": "second"}), **OURS), "signature"),
    (lambda it: it.unsigned(), "signature"),
    (lambda it: it.confused(), "signature"),
    (lambda it: "no token", "signature"),
    (lambda it: it.token(**OURS | {"iss": "https://elsewhere.example"}), "iss"),
    (lambda it: it.token(**OURS | {"iss": ISSUER + "/"}), "iss"),
    (lambda it: it.token(**OURS | {"aud": "another"}), "aud"),
    (lambda it: it.token(**OURS | {"aud": None}), "aud"),
    (lambda it: it.token(**OURS | {"aud": SEVERAL}), "azp"),
    (lambda it: it.token(**OURS | {"aud": SEVERAL, "azp": "another"}), "azp"),
    (lambda it: it.token(**OURS, azp="another"), "azp"),
    (lambda it: it.token(**OURS | {"nonce": "another nonce"}), "nonce"),
    (lambda it: it.token(**OURS | {"nonce": None}), "nonce"),
    (lambda it: it.token(**OURS, exp=int(time.time()) - 60), "expired"),
    (lambda it: it.token(**OURS, exp=None), "exp"),
    (lambda it: it.token(**OURS, iat=int(time.time()) + 3600), "iat"),
    (lambda it: it.token(**OURS, sub=None), "sub"),
    (lambda it: it.token(**OURS, sub=""), "sub"),
    (lambda it: it.token(**OURS, sub="a\x00b"), "sub"),
    (lambda it: it.token(**OURS, sub="x" * 256), "sub"),
    (lambda it: it.token(**OURS, sub=17), "sub"),
]


@pytest.mark.parametrize(("make", "wrong"), WRONG)
def test_a_token_that_is_wrong_names_nobody(
    issuer: OutsideIssuer, make: Callable[[OutsideIssuer], str], wrong: str
) -> None:
    with pytest.raises(Unfit) as unfit:
        read(issuer, make(issuer))
    assert str(unfit.value) == wrong


def test_a_claim_that_is_not_there_names_nobody(issuer: OutsideIssuer) -> None:
    with pytest.raises(Unfit, match="employee_number"):
        read(issuer, issuer.token(**OURS), Expected(ISSUER, "console", "a nonce", "employee_number"))
