from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data import catalogue
from attain.testing.small import small_log


def test_the_items_of_a_log_are_written_and_read_with_their_skills(tmp_path: Path) -> None:
    items = catalogue.of_log(small_log(0))
    assert items["item-4"] == ("skill-4", "skill-5")
    assert items["item-23"] == ()
    catalogue.write(items, tmp_path)
    assert catalogue.read(tmp_path / catalogue.FILE) == items


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        catalogue.read(tmp_path / "none.csv")
