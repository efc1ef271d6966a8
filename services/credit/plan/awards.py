"""The award fund shared out in whole fen by largest remainder; pure (P-2.3.5a).

A company's exact part is fund × weight ÷ all weights. Each gets the whole fen of it; what is left goes out one fen each, by the
larger remainder, then the larger weight, then the smaller credit code. A weight of zero gets nothing; where nobody has a
weight, nothing is paid and all stays in the fund.
"""

from collections.abc import Mapping


def share_out(fund: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Who gets how many fen; the sum is the fund, or zero where there is no weight.

    fund: in fen. weights: by credit code, whole and not negative. Raises: ValueError for a negative one.
    """
    if fund < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("neither the fund nor a weight is negative")
    whole = sum(weights.values())
    if whole == 0:
        return dict.fromkeys(weights, 0)
    shares = {code: fund * weight // whole for code, weight in weights.items()}
    left = fund - sum(shares.values())
    order = sorted(weights, key=lambda code: (-(fund * weights[code] % whole), -weights[code], code))
    for code in order[:left]:
        shares[code] += 1
    return shares
