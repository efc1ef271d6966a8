"""Charts as SVG that stand in a page or alone: drawn here, without anything from elsewhere."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

_WIDTH, _HEIGHT = 960, 360
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 48, 24, 84
#: Colours that are told apart without seeing red and green, each with its own dashes.
_LOOKS: Final = (("#1d4ed8", ""), ("#b45309", "8 4"), ("#047857", "2 4"), ("#7c3aed", "10 4 2 4"))
_FONT: Final = "'Noto Sans CJK SC','Microsoft YaHei',sans-serif"


def shares(title: str, labels: Sequence[str], lines: Mapping[str, Sequence[float | None]]) -> str:
    """Lines of shares from 0 to 1 over labelled steps; None leaves a gap. With title and description for who hears it."""
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = width / max(len(labels) - 1, 1)

    def at(index: int, value: float) -> tuple[float, float]:
        return _LEFT + index * step, _TOP + height * (1 - value)

    parts = [_text((_WIDTH / 2, 26), title, size=16, anchor="middle")]
    for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        _, y = at(0, share)
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + width}" y2="{y:.1f}" stroke="#d1d5db"/>')
        parts.append(_text((_LEFT - 8, y + 4), f"{share:.0%}", anchor="end"))
    every = max(1, -(-len(labels) // 13))
    for index, label in enumerate(labels):
        if index % every == 0:
            parts.append(_text((at(index, 0)[0], _TOP + height + 20), label, anchor="middle"))
    for number, (name, values) in enumerate(lines.items()):
        colour, dash = _LOOKS[number % len(_LOOKS)]
        points = [at(index, value) for index, value in enumerate(values) if value is not None]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        left, y = _LEFT + number * (width / max(len(lines), 1)), _HEIGHT - 18
        parts.append(
            f'<line x1="{left}" y1="{y - 5}" x2="{left + 32}" y2="{y - 5}" stroke="{colour}" stroke-width="3"'
            f' stroke-dasharray="{dash}"/>'
        )
        parts.append(_text((left + 40, y), name))
    said = "；".join(f"{name}：{_last(labels, values)}" for name, values in lines.items())
    return _drawing(title, said, _HEIGHT, parts)


def bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> str:
    """Bars of shares from 0 to 1, those of a label under one another; None leaves its place free."""
    thick, room = 14, 210
    block = thick * max(len(series), 1) + 14
    height, width = _TOP + block * max(len(labels), 1) + 48, _WIDTH - room - 90
    parts = [_text((_WIDTH / 2, 26), title, size=16, anchor="middle")]
    for row, label in enumerate(labels):
        top = _TOP + row * block
        parts.append(_text((room - 8, top + block / 2), label, anchor="end"))
        for number, values in enumerate(series.values()):
            value, y = values[row], top + number * thick
            if value is None:
                continue
            colour = _LOOKS[number % len(_LOOKS)][0]
            parts.append(
                f'<rect x="{room}" y="{y}" width="{width * value:.1f}" height="{thick - 2}" fill="{colour}"/>'
            )
            parts.append(
                _text((room + width * value + 6, y + thick - 3), f"{number + 1} {value:.2%}", size=11)
            )
    for number, name in enumerate(series):
        left = room + number * (width / max(len(series), 1))
        colour = _LOOKS[number % len(_LOOKS)][0]
        parts.append(f'<rect x="{left:.1f}" y="{height - 26}" width="14" height="14" fill="{colour}"/>')
        parts.append(_text((left + 20, height - 14), f"{number + 1} {name}"))
    said = "；".join(
        f"{label}：" + "，".join(_said(name, values[row]) for name, values in series.items())
        for row, label in enumerate(labels)
    )
    return _drawing(title, said, height, parts)


def _said(name: str, value: float | None) -> str:
    return f"{name} {value:.2%}" if value is not None else f"{name} 没有数据"


def _drawing(title: str, said: str, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
        f' width="{_WIDTH}" height="{height}"><title>{escape(title)}</title><desc>{escape(said)}</desc>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )


def _last(labels: Sequence[str], values: Sequence[float | None]) -> str:
    known = [(label, value) for label, value in zip(labels, values, strict=True) if value is not None]
    return f"{known[-1][0]} 为 {known[-1][1]:.2%}" if known else "没有数据"


def _text(at: tuple[float, float], text: str, *, size: int = 12, anchor: str = "start") -> str:
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size}" font-family="{escape(_FONT)}"'
        f' text-anchor="{anchor}" fill="#1f2937">{escape(text)}</text>'
    )
