from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.core import fingerprint
from attain.core.rng import rng, seed_of

plain = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5)


@given(plain, plain)
def test_equal_data_have_equal_fingerprints_and_others_do_not(a: dict[str, object], b: dict[str, object]) -> None:
    same = fingerprint.of_json(a) == fingerprint.of_json(dict(reversed(a.items())))
    assert same
    assert (fingerprint.of_json(a) == fingerprint.of_json(b)) == (a == b)


def test_a_number_that_is_not_one_has_no_fingerprint() -> None:
    with pytest.raises(ValueError, match="JSON"):
        fingerprint.of_json(float("nan"))


def test_arrays_differ_by_name_type_shape_and_value() -> None:
    base = np.arange(6)
    variants = [
        [("a", base)],
        [("b", base)],
        [("a", base.astype(float))],
        [("a", base.reshape(2, 3))],
        [("a", base + 1)],
        [("a", base), ("b", base)],
    ]
    assert len({fingerprint.of_arrays(v) for v in variants}) == len(variants)


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, appendix B.1
    assert fingerprint.of_file(tmp_path / "abc") == known


def test_a_seed_depends_on_every_name() -> None:
    seeds = {seed_of(0), seed_of(1), seed_of(0, "a"), seed_of(0, "b"), seed_of(0, "a", "b"), seed_of(0, "a b")}
    assert len(seeds) == 6
    assert rng(3, "x").random() == rng(3, "x").random()
