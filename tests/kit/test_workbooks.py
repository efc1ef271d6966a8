import io
import struct
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from kit.district.clock import SHANGHAI
from kit.workbooks.old_format import has_macros
from kit.workbooks.reader import is_suspect
from kit.workbooks.reading import Bounds, NotAWorkbook, WorkbookTooLarge, column_letter, read
from kit.workbooks.writing import Column, table
from tests.kit.test_old_format import in_small_sectors

HERE = Path(__file__).parent / "workbooks"
SOUND_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def workbook(*cells: tuple[int, int, object], sheets: int = 1) -> bytes:
    """A plain workbook with the cells (row, column, value) on its first sheet."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        first, *_ = [book.add_worksheet() for _ in range(sheets)]
        for row, column, value in cells:
            first.write(row, column, value)
    return output.getvalue()


def locked_xlsx() -> bytes:
    """The shell of a password-protected .xlsx: a compound document with an entry EncryptedPackage."""

    def entry(name: str, kind: int, child: int = 0xFFFFFFFF) -> bytes:
        letters = name.encode("utf-16-le")
        links = (0xFFFFFFFF, 0xFFFFFFFF, child)
        return (
            letters.ljust(64, b"\0")
            + struct.pack("<HBB3I", len(letters) + 2, kind, 1, *links)
            + struct.pack("<16xIQQIQ", 0, 0, 0, 0xFFFFFFFE, 0)
        )

    header = bytes.fromhex("d0cf11e0a1b11ae1") + struct.pack(
        "<16x5H6x9II", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0
    )
    allocation = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE)
    entries = entry("Root Entry", 5, 1) + entry("EncryptedPackage", 2)
    return header.ljust(512, b"\xff") + allocation.ljust(512, b"\xff") + entries.ljust(512, b"\0")


def bomb(megabytes: int) -> bytes:
    """A workbook whose only cell unpacks to so many megabytes."""
    output = io.BytesIO()
    sound = zipfile.ZipFile(io.BytesIO(workbook((0, 0, "a"))))
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sound.namelist():
            if not name.endswith("sheet1.xml"):
                packed.writestr(name, sound.read(name))
        with packed.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(
                b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
            )
            sheet.write(b'<c r="A1" t="inlineStr"><is><t>')
            for _ in range(megabytes):
                sheet.write(b"a" * (1 << 20))
            sheet.write(b"</t></is></c></row></sheetData></worksheet>")
    return output.getvalue()


def packed_as(at: int, value: int) -> bytes:
    """A workbook with a byte set at a place of each entry of its archive and of the archive's directory."""
    data = bytearray(workbook((0, 0, "a")))
    for mark, place in ((b"PK\x03\x04", at), (b"PK\x01\x02", at + 2)):
        found = data.find(mark)
        while found >= 0:
            data[found + place] = value
            found = data.find(mark, found + 4)
    return bytes(data)


def repacked(data: bytes, name: str, old: str, new: str) -> bytes:
    """The workbook with a text replaced in one of its parts."""
    output = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(data))
    with zipfile.ZipFile(output, "w") as packed:
        for part_name in source.namelist():
            content = source.read(part_name)
            packed.writestr(
                part_name, content.replace(old.encode(), new.encode()) if part_name == name else content
            )
    return output.getvalue()


def with_macros(types: str = "application/vnd.ms-excel.sheet.macroEnabled.main+xml") -> bytes:
    """A workbook that says by its content types that it has macros."""
    return repacked(workbook((0, 0, "a")), "[Content_Types].xml", SOUND_TYPE, types)


def test_cells_come_from_the_first_row_and_column_on_with_empty_text_for_nothing():
    (sheet,) = read(workbook((1, 2, "天骄街道"), (2, 0, True)))

    assert sheet.rows == [["", "", ""], ["", "", "天骄街道"], [True, "", ""]]


@pytest.mark.parametrize(
    ("stored", "read_as"),
    [
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333333333333"),
        (300.0, "300"),
        (-2.5, "-2.5"),
        (1e20, "1E+20"),
    ],
)
def test_numbers_are_exact_decimals_of_fifteen_digits(stored, read_as):
    (sheet,) = read(workbook((0, 0, stored)))

    assert sheet.rows[0][0] == Decimal(read_as)
    assert isinstance(sheet.rows[0][0], Decimal)


def test_a_date_cell_is_a_date():
    (sheet,) = read(
        table(
            [Column("日期"), Column("时间")],
            [[date(2024, 4, 19), datetime(2024, 6, 24, 8, 30, tzinfo=SHANGHAI)]],
        )
    )

    assert sheet.rows[1] == [date(2024, 4, 19), datetime(2024, 6, 24, 8, 30, tzinfo=SHANGHAI)]


def test_merged_cells_are_told():
    (sheet,) = read(table([Column("甲", group="组"), Column("乙", group="组"), Column("丙")], [[1, 2, 3]]))

    assert set(sheet.merged) == {(0, 0, 0, 1), (0, 2, 1, 2)}


def test_hidden_and_empty_sheets_are_passed_over():
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        book.add_worksheet("空")
        hidden = book.add_worksheet("隐藏")
        hidden.write(0, 0, "x")
        hidden.hide()
        book.add_worksheet("统计表").write(0, 0, "y")

    assert [sheet.name for sheet in read(output.getvalue())] == ["统计表"]


def test_the_old_format_of_excel_and_wps_is_read_alike():
    (sheet,) = read((HERE / "old-format.xls").read_bytes())

    assert sheet.rows[0][0] == "附件1"
    assert sheet.rows[5][4:8] == [Decimal(4), Decimal(67), Decimal("5829.01"), Decimal(1997)]
    assert (0, 0, 0, 13) in sheet.merged


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空"),
        ("序号,所在街道\r\n1,天骄街道".encode("gb18030"), "扩展名"),
        (b"%PDF-1.7", "不是 Excel"),
        (b"PK\x03\x04 not an archive", "损坏"),
        (bomb(0)[:400], "损坏"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "损坏"),
        (workbook(), "没有任何内容"),
        ((HERE / "locked.xls").read_bytes(), "密码"),
        (locked_xlsx(), "密码"),
        (packed_as(6, 1), "密码"),
        (packed_as(4, 255), "损坏"),
        (packed_as(8, 9), "损坏"),
        (packed_as(8, 12), "损坏"),
        (packed_as(8, 14), "损坏"),
    ],
    ids=[
        *("nothing", "csv", "pdf", "no-zip", "cut-off", "no-xls", "blank", "locked-xls", "locked-xlsx"),
        *("locked-zip", "newer-zip", "deflate64", "bzip2", "lzma"),
    ],
)
def test_what_is_no_readable_workbook_is_refused_with_what_to_do(data, word):
    with pytest.raises(NotAWorkbook, match=word) as refused:
        read(data)

    assert not isinstance(refused.value, WorkbookTooLarge)
    assert str(refused.value).endswith("。")


@pytest.mark.parametrize(
    ("made", "bounds", "word"),
    [
        (lambda: workbook((0, 0, "a")), Bounds(file_bytes=1000), "MB"),
        (lambda: workbook((5, 0, "a")), Bounds(rows=5), "超过 5 行"),
        (lambda: workbook((0, 3, "a")), Bounds(columns=3), "超过 3 列"),
        (lambda: workbook((0, 0, "a"), (1_048_575, 16_383, "b")), Bounds(), "展开后过大"),
        (lambda: bomb(200), Bounds(memory_megabytes=128), "展开后过大"),
    ],
    ids=["bytes", "rows", "columns", "opposite-corners", "zip-bomb"],
)
def test_a_workbook_beyond_the_bounds_is_refused(made, bounds, word):
    with pytest.raises(WorkbookTooLarge, match=word):
        read(made(), bounds)


def test_the_bounds_themselves_are_allowed():
    assert read(workbook((4, 2, "a")), Bounds(rows=5, columns=3))[0].rows[4][2] == "a"


def numbered(rows: int, *cells: tuple[int, int, object]) -> bytes:
    """A workbook with a heading, and below it rows that were numbered in advance."""
    return workbook((0, 0, "序号"), (0, 1, "名称"), *((row, 0, row) for row in range(1, rows)), *cells)


def test_rows_that_only_bear_a_number_do_not_count_for_the_bound():
    (sheet,) = read(numbered(40, (2, 1, "甲"), (39, 1, "乙")), Bounds(rows=4))

    assert [list(row) for row in sheet.rows[:3]] == [["序号", "名称"], [], [2, "甲"]]
    assert (len(sheet.rows), list(sheet.rows[39])) == (40, [39, "乙"])
    assert len(read(numbered(40, (2, 1, "甲")), Bounds(rows=4))[0].rows) == 3
    assert len(read(numbered(4), Bounds(rows=4))[0].rows) == 4


def test_other_rows_among_those_numbered_in_advance_do():
    with pytest.raises(WorkbookTooLarge, match="超过 4 行"):
        read(numbered(40, *((row, 1, "甲") for row in range(10, 15))), Bounds(rows=4))


def test_columns_are_lettered_as_in_the_workbook():
    assert [column_letter(index) for index in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ('t="e"><f>1/0</f><v>#DIV/0!</v>', "#DIV/0!"),
        ('t="e"><v>#REF!</v>', "#REF!"),
        ("><f>150+150</f>", "公式没有结果"),
        ("><f>150+150</f><v></v>", "公式没有结果"),
        ('t="str"><f>"甲"&amp;"乙"</f>', "公式没有结果"),
    ],
)
def test_an_error_and_a_formula_without_a_result_are_told_apart_from_empty(cell, word):
    data = workbook((0, 0, "a"), (2, 28, 1))
    data = repacked(data, "xl/worksheets/sheet1.xml", "><v>1</v>", f" {cell}".replace(" >", ">"))
    (sheet,) = read(data)

    ((place, reason),) = sheet.broken.items()
    assert (place, word in reason) == ((2, 28), True)


@pytest.mark.parametrize("value", ["300", "0"])
def test_a_formula_with_a_result_is_a_cell_like_any_other(value):
    data = workbook((0, 0, 1))
    data = repacked(data, "xl/worksheets/sheet1.xml", "<v>1</v>", f"<f>150+150</f><v>{value}</v>")
    (sheet,) = read(data)

    assert (sheet.rows[0][0], sheet.broken) == (Decimal(value), {})


@pytest.mark.parametrize(
    "written",
    ['<c t="e">', "<c t = 'e'>", "<f>", "<f/>", '<x:f t="shared"', '<row hidden="1"', "<row hidden = '1'"],
)
def test_errors_formulas_and_hidden_rows_are_looked_for_however_the_xml_is_written(written):
    assert is_suspect(f"<sheetData>{written}".encode())


@pytest.mark.parametrize("written", ['<c t="n">', "<filter>", "hidden", "<t>e</t>"])
def test_a_sheet_without_them_is_not_parsed_again(written):
    assert not is_suspect(f"<sheetData>{written}".encode())


def test_hidden_rows_are_told():
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(4):
            sheet.write(row, 0, row)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_row(3, None, None, {"hidden": True})

    assert read(output.getvalue())[0].hidden == {1, 3}


def test_the_old_format_tells_errors_empty_formulas_and_hidden_rows_too():
    """Written by xlwt, which leaves formulas uncalculated; a hidden sheet stands before the one that is read."""
    (sheet,) = read((HERE / "broken.xls").read_bytes())

    assert {place: reason.split("，")[0] for place, reason in sheet.broken.items()} == {
        (1, 1): "单元格是错误值 #REF!",
        (4, 28): "单元格是错误值 #N/A",
        (2, 1): "公式没有结果",
    }
    assert (sheet.hidden, sheet.rows[3][1]) == ({3}, Decimal(300))


def test_a_damaged_file_of_the_old_format_is_refused():
    whole = (HERE / "broken.xls").read_bytes()
    for damaged in (whole[:3000], whole[:48] + b"\xff" * 8 + whole[56:], whole[:4700] + bytes(900)):
        with pytest.raises(NotAWorkbook, match="损坏"):
            read(damaged)


@pytest.mark.parametrize("kind", ["sheet.binary.macroEnabled.main", "oasis.opendocument.spreadsheet"])
def test_another_format_in_the_same_kind_of_archive_is_refused(kind):
    other = repacked(workbook((0, 0, "a")), "[Content_Types].xml", SOUND_TYPE, f"application/{kind}")
    with pytest.raises(NotAWorkbook, match=r"另存为 \.xlsx"):
        read(other)


@pytest.mark.parametrize(
    "types",
    [
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "application/vnd.ms-excel.template.macroEnabled.main+xml",
        f'{SOUND_TYPE}"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject',
        f'{SOUND_TYPE}"/><Override PartName="/m.xml" ContentType="application/vnd.ms-excel.macrosheet+xml',
    ],
    ids=["xlsm", "xltm", "renamed", "sheet-of-macros"],
)
def test_a_file_with_macros_is_refused_whatever_it_is_called(types):
    with pytest.raises(NotAWorkbook, match="宏"):
        read(with_macros(types))


def test_a_file_of_the_old_format_with_macros_is_refused():
    assert not has_macros((HERE / "broken.xls").read_bytes())
    with pytest.raises(NotAWorkbook, match="宏"):
        read(in_small_sectors(Workbook=b"", _VBA_PROJECT_CUR=b""))


def test_an_archive_without_content_types_is_refused():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", "<a/>")
    with pytest.raises(NotAWorkbook, match=r"另存为 \.xlsx"):
        read(output.getvalue())
