"""Files to keep: documents as programs write them, and what only looks like one."""

import struct
import zipfile
from io import BytesIO

import docx

from tests.kit.test_old_format import in_small_sectors

_OPEN = "application/vnd.openxmlformats-officedocument."


def docx_file(text: str = "学法材料") -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def zipped(**parts: bytes) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def open_xml(main: str, *names: str) -> bytes:
    """A package whose main part is declared as `main`, with these further parts."""
    listed = f'<Types><Override PartName="/main.xml" ContentType="{main}"/></Types>'.encode()
    return zipped(**{"[Content_Types].xml": listed}, **dict.fromkeys(names, b"<x/>"))


def pdf(trailer: bytes = b"<< /Size 1 >>") -> bytes:
    body = b"%PDF-1.7\n1 0 obj << >> endobj\n"
    end = b"xref\n0 1\n0000000000 65535 f \ntrailer " + trailer + b"\nstartxref\n%d\n%%%%EOF\n"
    return body + end % len(body)


def word(flags: int = 0) -> bytes:
    """The stream of an old Word document; flags: its sixth word."""
    return struct.pack("<6H", 0xA5EC, 0xC1, 0, 0, 0, flags).ljust(600, b"\0")


def slides(macros: int) -> bytes:
    """The stream of an old presentation that says whether it has macros."""
    atom = struct.pack("<HHIII", 2, 0x400, 12, 1, macros)
    return b"\x0f\x00\xe8\x03" + bytes(100) + struct.pack("<HHI", 0x1F, 0x3FF, 20) + atom + bytes(100)


def locked_zip() -> bytes:
    """A ZIP that says that its entry wants a password."""
    data = bytearray(zipped(**{"word/document.xml": b"<x/>"}))
    data[6] |= 1  # of the entry
    data[data.index(b"PK\x01\x02") + 8] |= 1  # of the directory
    return bytes(data)


WANTED = {
    "docx": docx_file(),
    "pptx": open_xml(_OPEN + "presentationml.presentation.main+xml", "ppt/presentation.xml"),
    "doc": in_small_sectors(WordDocument=word()),
    "ppt": in_small_sectors(**{"PowerPoint Document": slides(0)}),
    "ofd": zipped(**{"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<x/>"}),
    "pdf": pdf(),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(100),
}
#: What is refused: the bytes, and what the sentence calls them.
REFUSED = {
    "a program under another name": (b"MZ" + bytes(500), "可执行程序"),
    "a ZIP of texts": (zipped(**{"a.txt": b"a"}), "ZIP 压缩包"),
    "a ZIP that pretends with a list of parts": (
        open_xml(_OPEN + "wordprocessingml.document.main+xml"),
        "ZIP 压缩包",
    ),
    "a workbook": (
        open_xml(_OPEN + "spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
        "Excel 工作簿",
    ),
    "a document with macros": (
        open_xml("application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml"),
        "带有宏",
    ),
    "a document that hides its macros": (
        open_xml(_OPEN + "wordprocessingml.document.main+xml", "word/document.xml", "word/vbaProject.bin"),
        "带有宏",
    ),
    "an old presentation with macros": (
        in_small_sectors(**{"PowerPoint Document": slides(1)}),
        "带有宏",
    ),
    "a ZIP that is cut off": (docx_file()[:-100], "损坏或不完整"),
    "a PDF that is cut off": (pdf()[:-25], "损坏或不完整"),
    "a text": ("学法材料".encode(), "认不出"),
    "an installer": (in_small_sectors(Other=b"x"), "复合文档"),
    "a picture of another kind": (b"GIF89a" + bytes(100), "GIF 图片"),
    "an archive": (b"Rar!\x1a\x07\x00" + bytes(100), "RAR 压缩包"),
    "a compound document that is cut off": (in_small_sectors(WordDocument=word())[:600], "损坏或不完整"),
}
#: What wants a password.
PROTECTED = {
    "an encrypted document of Office": in_small_sectors(EncryptionInfo=b"x", EncryptedPackage=b"x" * 100),
    "an encrypted old document": in_small_sectors(WordDocument=word(0x100)),
    "an encrypted PDF": pdf(b"<< /Size 1 /Encrypt 5 0 R >>"),
    "an encrypted ZIP": locked_zip(),
}
