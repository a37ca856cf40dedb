"""Texts get the codes that a dict would give them, however many come and whatever they are."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from attain.data.stream.vocabulary import Vocabulary

texts = st.text(st.sampled_from("ab \0é問"), max_size=5)


@given(parts=st.lists(st.lists(texts, max_size=30), max_size=4))
def test_equal_texts_have_one_code_and_blanks_at_the_ends_mean_nothing(parts: list[list[str]]) -> None:
    vocabulary, codes = Vocabulary(), {}
    for cells in parts:
        code = vocabulary.codes(pa.array(["left out", *cells], pa.string())[1:])
        meant, trimmed = vocabulary.meant(code)
        assert vocabulary.texts[code].tolist() == cells
        assert vocabulary.texts[meant].tolist() == [cell.strip() for cell in cells]
        assert trimmed == sum(cell != cell.strip() for cell in cells)
        for cell, own in zip(cells, code.tolist(), strict=True):
            assert codes.setdefault(cell, own) == own
    assert len(set(vocabulary.texts)) == len(vocabulary)


@given(parts=st.lists(st.lists(st.tuples(texts, st.integers(0, 12)), min_size=1, max_size=9), max_size=4))
def test_dictionaries_and_whole_numbers_are_coded_as_their_texts(parts: list[list[tuple[str, int]]]) -> None:
    names, numbers = Vocabulary(), Vocabulary()
    for cells in parts:
        written, counted = zip(*cells, strict=True)
        code = names.codes(pa.array(written, pa.string()).dictionary_encode())
        assert names.texts[code].tolist() == list(written)
        code = numbers.codes(pa.array(counted))
        assert numbers.texts[code].tolist() == [str(number) for number in counted]


def test_there_is_room_for_many_and_for_long_texts() -> None:
    vocabulary, cells = Vocabulary(), [f"{number:x}" for number in range(20_000)] + ["long " * 10_000 + "end"]
    code = vocabulary.codes(pa.array(cells, pa.string()))
    assert code.tolist() == list(range(20_001))
    assert vocabulary.texts.tolist() == cells
    np.testing.assert_array_equal(vocabulary.codes(pa.array(cells[::-1], pa.string())), code[::-1])
