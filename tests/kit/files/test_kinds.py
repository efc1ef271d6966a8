"""What kind of file bytes are, whatever they are called."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.storage.files.kinds import DOCUMENTS, KINDS, Unwanted, kind_of
from tests.kit.files.samples import PROTECTED, REFUSED, WANTED, docx_file, pdf
from tests.kit.test_old_format import WRITTEN


@pytest.mark.parametrize("extension", WANTED)
def test_a_document_is_known_by_what_is_in_it(extension):
    assert kind_of(BytesIO(WANTED[extension]), DOCUMENTS) is KINDS[extension]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_document_is_told_by_what_it_is(name):
    data, called = REFUSED[name]
    with pytest.raises(Unwanted) as refused:
        kind_of(BytesIO(data), DOCUMENTS)
    assert called in refused.value.detail
    assert refused.value.detail.endswith("。")
    assert not refused.value.protected


@pytest.mark.parametrize("name", PROTECTED)
def test_what_wants_a_password_is_told_so(name):
    with pytest.raises(Unwanted, match="加了密") as refused:
        kind_of(BytesIO(PROTECTED[name]), DOCUMENTS)
    assert refused.value.protected


def test_the_sentence_names_what_may_be_handed_in():
    with pytest.raises(Unwanted) as refused:
        kind_of(BytesIO(b"MZ" + bytes(100)), ("pdf", "docx"))
    assert refused.value.detail == (
        "这个文件实际是可执行程序（.exe），不能收。可以提交：PDF 文件、Word 文档（.docx）。"
    )


def test_an_old_workbook_is_known_where_it_is_wanted():
    assert kind_of(BytesIO(WRITTEN), ("xls",)).extension == "xls"
    with pytest.raises(Unwanted, match="Excel 97-2003"):
        kind_of(BytesIO(WRITTEN), DOCUMENTS)


def test_a_word_in_the_text_of_a_pdf_makes_it_no_encrypted_one():
    text = pdf().replace(b"1 0 obj << >> endobj", b"1 0 obj (how to /Encrypt files) endobj")
    assert kind_of(BytesIO(text), DOCUMENTS).extension == "pdf"


@given(at=st.integers(0, 10_000), data=st.binary(max_size=300))
def test_no_harm_to_a_document_ends_in_anything_but_a_kind_or_a_refusal(at, data):
    for written in (docx_file(), WANTED["doc"], WANTED["ppt"], WANTED["pdf"], WANTED["ofd"]):
        place = at % len(written)
        harmed = written[:place] + data + written[place + len(data) :]
        try:
            assert kind_of(BytesIO(harmed), DOCUMENTS).extension in DOCUMENTS
        except Unwanted as refused:
            assert refused.detail
