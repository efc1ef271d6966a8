"""Passwords: which are taken, and how they are kept (Argon2id, RFC 9106)."""

import asyncio
import secrets
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

#: OWASP's least for Argon2id: 19 MiB, two passes; some 30 ms for each.
_MEMORY, _PASSES, _LANES, _LENGTH = 19 * 1024, 2, 1, 32
#: Characters that a password has at least and at most, and kinds of them.
SHORTEST, LONGEST, KINDS = 10, 128, 3
RULE: Final = (
    f"至少 {SHORTEST} 个字符，大写字母、小写字母、数字、其他字符四类中至少有 {KINDS} 类，不能含有账号。"
)

#: Letters and digits that are not taken for one another when read from paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def hashed(password: str) -> str:
    """The PHC text of a password's hash."""
    made = Argon2id(
        salt=secrets.token_bytes(16),
        length=_LENGTH,
        iterations=_PASSES,
        lanes=_LANES,
        memory_cost=_MEMORY,
    )
    return made.derive_phc_encoded(password.encode())


#: No password's hash: checked where there is no account, so that it takes as long as for one that is there.
NOBODYS: Final = hashed(secrets.token_urlsafe(24))
#: At most two are checked at a time, as each takes 19 MiB and a processor.
_checking = asyncio.Semaphore(2)


async def matches(password: str, kept: str | None) -> bool:
    """Whether a password is the one that was hashed; without a hash it takes as long, and never is."""
    async with _checking:
        right = await asyncio.to_thread(_verify, password, kept or NOBODYS)
    return right and kept is not None


def _verify(password: str, kept: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode(), kept)
    except InvalidKey:
        return False
    return True


def refused(password: str, login: str) -> str | None:
    """The Chinese sentence of why a password cannot be taken; None where it can."""
    if len(password) < SHORTEST:
        return f"密码太短，至少 {SHORTEST} 个字符。"
    if len(password) > LONGEST:
        return f"密码太长，最多 {LONGEST} 个字符。"
    if login.casefold() in password.casefold():
        return "密码不能含有账号。"
    kinds = (str.isupper, str.islower, str.isdigit, lambda each: not each.isalnum() or not each.isascii())
    if sum(any(kind(each) for each in password) for kind in kinds) < KINDS:
        return f"密码太简单，大写字母、小写字母、数字、其他字符四类中至少要有 {KINDS} 类。"
    return None


def first_password() -> str:
    """A password to be told to somebody and changed at once: 14 characters of three kinds."""
    while True:
        made = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
        if refused(made, " ") is None:
            return made
