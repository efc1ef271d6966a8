"""An answer as a report to be edited: what it is as of when, the table of the page, and the clauses it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kit.district.citations import Citation

#: A document has no picture: it would have to be one of dots, with fonts of its own (docs/adr/0076-figures.md).
WHERE_THE_FIGURE_IS: Final = "图见页面，或以 format=svg 取得；表格可用 format=xlsx 取得带图表的工作簿。"


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its title, whose it is, its sentences, its table, and what it rests on."""

    title: str
    author: str
    said: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    basis: Sequence[Citation]

    def content(self, made: datetime) -> bytes:
        """The .docx file, in the page that offices print (GB/T 9704-2012)."""
        from kit.documents.official import About, OfficialDocument  # here, since its library takes its time

        document = OfficialDocument(About(self.title, self.author, made))
        document.title(self.title)
        for sentence in self.said:
            document.text(sentence)
        if self.rows:
            document.table(self.headings, self.rows)
        else:
            document.text("没有内容。")
        for each in self.basis:
            document.text(f"依据：{each.clause} 《{each.title}》（{each.document}）{each.at}。")
        document.text(WHERE_THE_FIGURE_IS)
        return document.content()
