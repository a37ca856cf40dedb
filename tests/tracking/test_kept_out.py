from pathlib import Path

import attain
from attain.tracking.kept_out import kept_out


def test_no_file_of_attain_itself_is_kept_out_of_what_a_run_or_an_archive_holds() -> None:
    """In a clone of attain a run is repeated by the attain of its tree, which must be whole."""
    folder = Path(attain.__file__).parent
    files = [file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    names = {f"src/attain/{file.relative_to(folder).as_posix()}": file.stat().st_size for file in files}
    assert len(names) > 100
    assert {name: why for name, size in names.items() if (why := kept_out(name, size, known=True))} == {}
