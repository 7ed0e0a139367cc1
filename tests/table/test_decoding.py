import pytest

from ravine.errors import DataError
from ravine.table.decoding import decode

TEXT = "温度,y\n1,2\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_without_a_note(encoding):
    assert decode("t.csv", TEXT.encode(encoding)) == (TEXT, ())


def test_utf16_without_its_mark_is_recognized():
    assert decode("t.csv", b"".join(bytes([byte, 0]) for byte in b"x,y\n1,2\n"))[0] == "x,y\n1,2\n"


@pytest.mark.parametrize(
    ("text", "encoding", "language"), [(TEXT, "gb18030", "Chinese"), ("t (µs),é\n1,2\n", "latin-1", "Western")]
)
def test_older_encodings_are_guessed_with_a_note(text, encoding, language):
    read, (note,) = decode("t.csv", text.encode(encoding))
    assert read == text
    assert language in note


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_ends_become_plain(ending):
    assert decode("t.csv", f"x{ending}1{ending}".encode())[0] == "x\n1\n"


@pytest.mark.parametrize("data", [b"x,y\n1,\x002\n", b"\x01\x02\x03\xff" * 100, bytes(50)])
def test_binary_data_is_refused(data):
    with pytest.raises(DataError, match=r"^t\.csv: expected a table .* got binary data"):
        decode("t.csv", data)


def test_broken_utf16_is_refused():
    with pytest.raises(DataError, match="at byte"):
        decode("t.csv", "x".encode("utf-16") + b"\x00\xd8")
