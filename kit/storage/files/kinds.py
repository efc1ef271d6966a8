"""What kind of file bytes are: by what is in them, never by a name.

`filetype` knows kinds by their first bytes; what lies in a ZIP, in a compound document (MS-CFB) and at the end of a PDF is
looked at here, since a document may also hold macros or a password.
"""

import re
import struct
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO, Final

import filetype
import olefile

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_HEAD, _TAIL = 8 * 1024, 64 * 1024
#: Bytes of a list of parts that are read: a longer one is no document.
_MAX_LISTED = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its extension and media type, and what people call it."""

    extension: str
    media_type: str
    name: str


#: The kinds that may be kept, by their extensions.
KINDS: Final = {
    kind.extension: kind
    for kind in (
        Kind("pdf", "application/pdf", "PDF 文件"),
        Kind("docx", f"{_OPEN_XML}.wordprocessingml.document", "Word 文档（.docx）"),
        Kind("doc", "application/msword", "Word 97-2003 或 WPS 文字文档（.doc、.wps）"),
        Kind("pptx", f"{_OPEN_XML}.presentationml.presentation", "PowerPoint 演示文稿（.pptx）"),
        Kind("ppt", "application/vnd.ms-powerpoint", "PowerPoint 97-2003 演示文稿（.ppt、.dps）"),
        Kind("xlsx", f"{_OPEN_XML}.spreadsheetml.sheet", "Excel 工作簿（.xlsx）"),
        Kind("xls", "application/vnd.ms-excel", "Excel 97-2003 工作簿（.xls、.et）"),
        Kind("ofd", "application/ofd", "OFD 版式文件"),
        Kind("png", "image/png", "PNG 图片"),
        Kind("jpg", "image/jpeg", "JPEG 图片"),
    )
}
#: What offices send each other as a text to be read: documents, slides, scans.
DOCUMENTS: Final = ("pdf", "docx", "doc", "pptx", "ppt", "ofd", "png", "jpg")

#: What the main part of an Office Open XML document is declared as.
_MAIN_PARTS = {
    f"{_OPEN_XML}.wordprocessingml.document.main+xml": "docx",
    f"{_OPEN_XML}.presentationml.presentation.main+xml": "pptx",
    f"{_OPEN_XML}.presentationml.slideshow.main+xml": "pptx",
    f"{_OPEN_XML}.spreadsheetml.sheet.main+xml": "xlsx",
}
#: How large sectors and small sectors are, as powers of two (MS-CFB 2.2); the library would believe any.
_SECTORS = (struct.pack("<HH", 9, 6), struct.pack("<HH", 12, 6))
#: The streams that a compound document holds, in the order in which they decide.
_STREAMS = (("WordDocument", "doc"), ("PowerPoint Document", "ppt"), ("Workbook", "xls"), ("Book", "xls"))
#: What some of those that are not kept are called; of others the extension is told.
_OTHERS = {
    "exe": "可执行程序（.exe）",
    "elf": "可执行程序",
    "zip": "ZIP 压缩包",
    "rar": "RAR 压缩包",
    "7z": "7z 压缩包",
    "gz": "gzip 压缩包",
    "rtf": "RTF 文档",
    "odt": "OpenDocument 文档",
    "odp": "OpenDocument 演示文稿",
    "ods": "OpenDocument 表格",
    "gif": "GIF 图片",
    "mp4": "MP4 视频",
    "mp3": "MP3 音频",
}
#: MS-PPT 2.4.10 and 2.4.11: that slides have macros. A container of 20 bytes with an atom of 12 in it: a place, and 1.
_SLIDE_MACROS = re.compile(
    rb"\x1f\x00\xff\x03\x14\x00\x00\x00\x02\x00\x00\x04\x0c\x00\x00\x00.{4}\x01\x00\x00\x00", re.S
)
_ENCRYPTED_PDF = re.compile(rb"/Encrypt(?:\s+\d+\s+\d+\s+R|\s*<<)")


class Unwanted(Exception):
    """A file that is not kept. detail: a Chinese sentence; reason: in short; protected: by a password."""

    def __init__(self, detail: str, reason: str, *, protected: bool = False) -> None:
        super().__init__(reason)
        self.detail, self.reason, self.protected = detail, reason, protected


def kind_of(file: IO[bytes], wanted: Collection[str]) -> Kind:
    """The kind of a file that is not empty; wanted: the extensions of those that are kept.

    Raises: Unwanted for any other, for one with macros, for one that is damaged or wants a password.
    """
    file.seek(0)
    head = file.read(_HEAD)
    found = _found(file, head)
    if found in wanted:
        return KINDS[found]
    raise _not_kept(KINDS[found].name if found in KINDS else _OTHERS.get(found, f".{found} 文件"), wanted)


def _found(file: IO[bytes], head: bytes) -> str:
    """The extension of what a file is. Raises: Unwanted for what cannot be told, is damaged, or locked."""
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    if head.startswith(olefile.MAGIC):
        return _in_compound(file)
    known = filetype.guess(head)
    if known is None:
        raise Unwanted("认不出这个文件是什么类型，请另存为 PDF 或 Word 文档后重新提交。", "认不出文件类型")
    if known.extension == "pdf":
        _look_at_pdf(file, head)
    return str(known.extension)


def _in_zip(file: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if any(each.flag_bits & 1 for each in archive.infolist()):
                raise _locked("压缩包")
            if "OFD.xml" in names:
                return "ofd"
            if "[Content_Types].xml" not in names:
                return _plain_zip(archive, names)
            with archive.open("[Content_Types].xml") as listed:
                declared = listed.read(_MAX_LISTED).decode("utf-8", "replace")
    except Unwanted:
        raise
    except Exception:  # whatever the library makes of bytes that anybody may send
        raise _damaged() from None
    if "macroEnabled" in declared or any(name.endswith("vbaProject.bin") for name in names):
        raise _macros("Office 文件")
    mains = [kind for declaration, kind in _MAIN_PARTS.items() if f'"{declaration}"' in declared]
    folder = {"docx": "word/", "pptx": "ppt/", "xlsx": "xl/"}
    fitting = [kind for kind in mains if any(name.startswith(folder[kind]) for name in names)]
    return fitting[0] if fitting else "zip"


def _plain_zip(archive: zipfile.ZipFile, names: Collection[str]) -> str:
    """A ZIP that is no document of Office: an OpenDocument by what it says of itself, or what it is."""
    if "mimetype" not in names:
        return "zip"
    with archive.open("mimetype") as said:
        media_type = said.read(100).decode("ascii", "replace")
    return next(
        (ext for ext in ("odt", "odp", "ods") if media_type == filetype.get_type(ext=ext).mime), "zip"
    )


def _in_compound(file: IO[bytes]) -> str:
    file.seek(30)
    if file.read(4) not in _SECTORS:
        raise _damaged()
    file.seek(0)
    try:
        with olefile.OleFileIO(file) as document:
            if document.exists("EncryptedPackage") or document.exists("EncryptedSummary"):
                raise _locked("Office 文件")
            found = next((kind for stream, kind in _STREAMS if document.exists(stream)), None)
            if found is None:
                raise _not_kept("复合文档（旧版 Office 或安装程序的格式）", DOCUMENTS)
            _look_into(document, found)
            return found
    except Unwanted:
        raise
    except Exception:  # as above
        raise _damaged() from None


def _look_into(document: olefile.OleFileIO, found: str) -> None:
    """Raises: Unwanted for a password or macros."""
    if found == "doc":
        # MS-DOC 2.5.2: the bit fEncrypted of the sixth word.
        with document.openstream("WordDocument") as stream:
            (flags,) = struct.unpack_from("<H", stream.read(12), 10)
        if flags & 0x100:
            raise _locked("Word 文档")
        if document.exists("Macros"):
            raise _macros("Word 文档")
    elif found == "ppt":
        with document.openstream("PowerPoint Document") as stream:
            if _SLIDE_MACROS.search(stream.read()):
                raise _macros("演示文稿")
    elif document.exists("_VBA_PROJECT_CUR"):
        raise _macros("工作簿")


def _look_at_pdf(file: IO[bytes], head: bytes) -> None:
    """Raises: Unwanted for one that is cut off, or wants a password (ISO 32000-1, 7.5.5 and 7.6)."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    found = re.findall(rb"startxref\s+(\d+)", tail)
    if not found:
        raise _damaged()
    file.seek(min(int(found[-1]), size))
    if any(_ENCRYPTED_PDF.search(part) for part in (head, tail, file.read(_HEAD))):
        raise _locked("PDF 文件")


def _not_kept(found: str, wanted: Collection[str]) -> Unwanted:
    names = "、".join(KINDS[each].name for each in wanted)
    return Unwanted(f"这个文件实际是{found}，不能收。可以提交：{names}。", f"实际是{found}")


def _macros(what: str) -> Unwanted:
    return Unwanted(f"这个{what}带有宏，不能收。请另存为不带宏的文件或 PDF 后重新提交。", f"带有宏的{what}")


def _locked(what: str) -> Unwanted:
    return Unwanted(
        f"这个{what}设有密码或权限限制，无法审核。请取消密码后重新提交。", f"加了密的{what}", protected=True
    )


def _damaged() -> Unwanted:
    return Unwanted("这个文件已损坏或不完整，请打开核对、重新保存后再提交。", "已损坏或不完整")
