"""Pages that people read in a browser and print on A4, without anything from elsewhere."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from fastapi.responses import HTMLResponse

_STYLE: Final = (
    "@page{size:A4;margin:18mm 15mm}"
    "body{font:16px/1.6 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:2rem auto;max-width:75rem;"
    "padding:0 1rem;color:#1f2937}h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}"
    "table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.4rem 0;font-weight:bold}"
    "th,td{border:1px solid #d1d5db;padding:.4rem .6rem;text-align:left;vertical-align:top}th{background:#f3f4f6}"
    "th{white-space:nowrap}td.number{text-align:right;white-space:nowrap}svg{max-width:100%;height:auto}"
    ".facts th{width:11em}.code{text-align:center;margin:1.2em 0}.told{font-weight:bold}"
    ".missed{color:#b91c1c;font-weight:bold}.met{color:#047857}"
    "@media print{body{font-size:11pt;margin:0;max-width:none;padding:0}thead{display:table-header-group}"
    "tr,svg,h2{break-inside:avoid}h2{break-after:avoid}}"
)


#: Nothing is loaded and nothing runs, whatever stands on a page.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def answer(title: str, *parts: str) -> HTMLResponse:
    """A page as an answer."""
    return HTMLResponse(page(title, *parts), headers={"Content-Security-Policy": _POLICY})


def page(title: str, *parts: str) -> str:
    """A page of parts that are HTML; the title is text."""
    shown = escape(title)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{shown}</title><style>{_STYLE}</style></head><body><main><h1>{shown}</h1>"
        f"{''.join(parts)}</main></body></html>\n"
    )


def heading(text: str) -> str:
    """A heading within a page."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, mark: str = "") -> str:
    """A paragraph; mark: met, missed, or told for what is to be seen first."""
    marked = f' class="{escape(mark)}"' if mark else ""
    return f"<p{marked}>{escape(text)}</p>"


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """What something is, a line for each name and value."""
    lines = "".join(f'<tr><th scope="row">{escape(name)}</th>{_cell(value)}</tr>' for name, value in rows)
    return f'<table class="facts"><tbody>{lines}</tbody></table>'


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose headings stand on each printed page, numbers on the right; without rows, the word 无."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    if not body:
        return paragraph("无")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "<td>—</td>"
    number = ' class="number"' if isinstance(value, int | float) and not isinstance(value, bool) else ""
    return f"<td{number}>{escape(str(value))}</td>"
