from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.core.yaml_lines import load_yaml, value_of


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    file = load_yaml(write(tmp_path, "name: x\n\nmodels:\n  - bkt\n  - name: dkt\n    grid:\n      size: [1, 2]\n"))
    assert file.data == {"name": "x", "models": ["bkt", {"name": "dkt", "grid": {"size": [1, 2]}}]}
    assert file.line(("name",)) == 1
    assert file.line(("models", 0)) == 4
    assert file.line(("models", 1, "grid")) == 6
    assert file.line(("models", 1, "grid", "size", 1)) == 7


def test_an_unknown_place_has_the_line_of_its_nearest_parent(tmp_path: Path) -> None:
    file = load_yaml(write(tmp_path, "a: 1\nb:\n  c: 2\n"))
    assert file.line(("b", "d", "e")) == 2
    assert file.line(("z",)) == 1
    assert str(file.error(("b", "c"), "too small.")).endswith("a.yaml:3: b.c: too small.")


def test_words_are_read_as_yaml_1_2_has_them(tmp_path: Path) -> None:
    text = (
        "a: no\nb: on\nc: 1e-3\nd: 2020-01-01\ne: true\nf: 12:30\ng: 3\nh: 1.5\ni:\nj: -.inf\nk: 1e3x\nl: 1_0\nm: 007\n"
    )
    assert load_yaml(write(tmp_path, text)).data == {
        "a": "no",
        "b": "on",
        "c": 0.001,
        "d": "2020-01-01",
        "e": True,
        "f": "12:30",
        "g": 3,
        "h": 1.5,
        "i": None,
        "j": float("-inf"),
        "k": "1e3x",
        "l": "1_0",
        "m": "007",
    }


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    file = load_yaml(write(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n"))
    assert file.data == {"a": 1, "b": 2}
    assert file.line(("b",)) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"a\.yaml:1: the file is empty"),
        ("# only a comment\n", r"a\.yaml:1: the file is empty"),
        ("just text\n", r"a\.yaml:1: the file is a text; expected fields with values"),
        ("- a\n- b\n", r"a\.yaml:1: the file is a list; expected fields with values"),
        ("a: 1\nb: 2\na: 3\n", r"a\.yaml:3: 'a' is given twice; the first is in line 1"),
        ("a:\n  b: 1\n  b: 1\n", r"a\.yaml:3: 'b' is given twice; the first is in line 2"),
        ("a: 1\n\tb: 2\n", r"a\.yaml:2: not valid YAML"),
        ("a: [1, 2\n", r"a\.yaml:2: not valid YAML"),
        ("a: 1\n---\nb: 1\n", r"a\.yaml:2: not valid YAML"),
        ("a: !!python/object:os.system x\n", r"a\.yaml:1: not valid YAML"),
        ("a: 1\nb: \x07\n", r"a\.yaml:2: not valid YAML: the character"),
        ("a: &x [1, *x]\n", r"a\.yaml:1: the value contains itself"),
        (b"a: 1\nb: caf\xe9\n", r"a\.yaml:2: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_bad_file_is_one_sentence_with_its_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        load_yaml(write(tmp_path, content))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no file '.*none\.yaml'"):
        load_yaml(tmp_path / "none.yaml")
    with pytest.raises(UserError, match="Cannot read"):
        load_yaml(tmp_path)


def test_merge_keys_work_and_keep_lines(tmp_path: Path) -> None:
    file = load_yaml(write(tmp_path, "a: &base {x: 1}\nb:\n  <<: *base\n  y: 2\n"))
    assert file.data["b"] == {"x": 1, "y": 2}
    assert file.line(("b", "y")) == 4


words = st.text("abyNé漢:#-[]{}&*!|>'\"% \n\t\\", max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(data=st.dictionaries(words, plain, min_size=1, max_size=4))
def test_what_yaml_writes_is_read_back(tmp_path_factory: pytest.TempPathFactory, data: dict[str, object]) -> None:
    path = write(tmp_path_factory.mktemp("yaml"), yaml.safe_dump(data, allow_unicode=True))
    assert load_yaml(path).data == data


def test_a_single_value_is_read_as_in_a_file() -> None:
    assert [value_of(text) for text in ("200", "true", "[1, a]", "no")] == [200, True, [1, "a"], "no"]
    with pytest.raises(UserError, match="put it in quotes"):
        value_of("[1,")
