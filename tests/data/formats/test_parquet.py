from pathlib import Path

import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.formats.read import header_of, read


def saved(frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / "a.parquet"
    frame.to_parquet(path)
    return path


def test_values_of_any_type_are_read_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "who": [7, 7, 8],
            "item": pd.Categorical(["p", "q", "p"]),
            "right": [True, False, True],
            "at": pd.to_datetime(["2024-01-01", "2024-01-02", None]),
            "skill": ["a ", None, "b"],
        }
    )
    path = saved(frame, tmp_path)
    table = read(path, path.read_bytes(), dict.fromkeys(frame.columns, "x"))
    texts = {name: [str(c.texts[code]) for code in c.code] for name, c in table.columns.items()}
    assert texts["who"] == ["7", "7", "8"]
    assert texts["item"] == ["p", "q", "p"]
    assert texts["right"] == ["true", "false", "true"]
    assert texts["skill"] == ["a", "", "b"]
    assert [pd.Timestamp(t) for t in texts["at"][:2]] == list(frame["at"][:2])
    assert texts["at"][2] == ""
    assert table.place(2) == "row 3"
    assert header_of(path, path.read_bytes()) == list(frame.columns)


def test_bad_files_are_refused(tmp_path: Path) -> None:
    path = saved(pd.DataFrame({"a": [1], "b": [[1, 2]]}), tmp_path)
    with pytest.raises(UserError, match="Unknown column 'c'"):
        read(path, path.read_bytes(), {"c": "skill"})
    with pytest.raises(UserError, match=r"column 'b' holds list.*; text or numbers were expected"):
        read(path, path.read_bytes(), {"b": "skill"})
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        read(path, path.read_bytes()[:-10], {"a": "skill"})
    empty = saved(pd.DataFrame({"a": []}), tmp_path)
    with pytest.raises(UserError, match="columns and no rows"):
        read(empty, empty.read_bytes(), {"a": "skill"})
