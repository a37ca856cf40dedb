from pathlib import Path

import pytest

from attain.tracking.sql.store import Store
from attain.tracking.store import default_uri, open_store


def test_the_store_is_in_home_unless_an_address_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)
    monkeypatch.delenv("ATTAIN_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert default_uri() == f"sqlite:///{tmp_path / '.attain' / 'attain.db'}"
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    assert default_uri() == f"sqlite:///{tmp_path / 'home' / 'attain.db'}"
    monkeypatch.setenv("ATTAIN_TRACKING_URI", "sqlite:///elsewhere.db")
    assert default_uri() == "sqlite:///elsewhere.db"


def test_files_lie_beside_the_database_or_at_home(store: Store, uri: str, tmp_path: Path) -> None:
    assert store.folder == tmp_path
    if uri.startswith("sqlite"):
        assert f"sqlite:///{store.folder / store.name}" == uri


def test_a_relative_address_means_the_folder_it_was_opened_in(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    store = open_store("sqlite:///attain.db")
    monkeypatch.chdir(tmp_path)
    store.close()
    run = store.create_run("0")
    store.close()
    again = open_store("sqlite:///a/attain.db")
    assert again.get_run(run.run_id) == run
    again.close()
