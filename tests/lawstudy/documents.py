"""Files as departments hand them in, made by the programs that make them."""

from io import BytesIO

import docx


def letter(text: str = "煤矿安全生产条例讲稿（虚构）") -> bytes:
    """A Word document with a paragraph."""
    document = docx.Document()
    document.add_paragraph(text)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


EXE = b"MZ\x90\x00" + bytes(58) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00" + bytes(256)
