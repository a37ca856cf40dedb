"""A large file comes in pieces whose cells are those of the whole."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.formats import typed
from attain.data.formats.typed import NotTyped, pieces

Write = Callable[..., Path]

TEXT = "who,n,x\n" + "".join(f"l{row % 7},{row},\n" for row in range(500))


def read(path: Path, texts: tuple[str, ...] = ("who",), numbers: tuple[str, ...] = ("n",)) -> list[typed.Piece]:
    return list(pieces(path, texts, numbers, delimiter=None, encoding="utf-8"))


@pytest.mark.parametrize("packed", [False, True])
def test_the_pieces_hold_every_row_once(write: Write, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(typed, "_BLOCK", 256)
    content = b"\xef\xbb\xbf" + TEXT.encode()
    found = read(write(gzip.compress(content) if packed else content))
    assert len(found) > 5
    assert np.concatenate([piece.numbers["n"] for piece in found]).tolist() == list(range(500))
    who = np.concatenate([piece.texts["who"].texts[piece.texts["who"].code] for piece in found])
    assert who.tolist() == [f"l{row % 7}" for row in range(500)]
    assert sum(piece.n_rows for piece in found) == 500


def test_an_empty_cell_is_no_number(write: Write) -> None:
    (piece,) = read(write(TEXT), (), ("x",))
    assert np.isnan(piece.numbers["x"]).all()


@pytest.mark.parametrize(
    "content",
    [b"PAR1", b"who,n\n", b"who,n\na,1\nb,two\n", b"who,n\na,nan\n", b"who,n\na,1,2\n", b"\x1f\x8b\x08broken"],
)
def test_what_is_not_of_these_types_is_left_to_the_reader_of_texts(write: Write, content: bytes) -> None:
    with pytest.raises(NotTyped):
        read(write(content))


def test_a_column_that_is_not_there_is_named(write: Write) -> None:
    with pytest.raises(UserError, match=r"Unknown column 'whom'. Did you mean 'who'"):
        read(write(TEXT), ("whom",))
