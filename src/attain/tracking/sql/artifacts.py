"""Which files a run has: path, hash and size. The bytes lie in the folder of blobs."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, select

from attain.tracking.entities import ArtifactInfo
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.sql.dialect import upsert
from attain.tracking.sql.tables import artifacts

Found = Row[tuple[int, str, str, int]]


def add(c: Connection, run: int, files: Sequence[ArtifactInfo]) -> None:
    """Say that a run has these files; one with the same path is replaced.

    Raises:
        Invalid: a path is a folder of the run, or lies under one of its files.
    """
    there = set(c.execute(select(artifacts.c.path).where(artifacts.c.run == run)).scalars())
    there |= {file.path for file in files}
    folders = {path[:at] for path in there for at, sign in enumerate(path) if sign == "/"}
    if both := sorted(folders & there):
        raise Invalid(f"The artifact {both[0]!r} would be a file and a folder at once. Give one of them another path.")
    upsert(c, artifacts, [{"run": run, "path": f.path, "sha256": f.sha256, "size": f.size} for f in files])


def get(c: Connection, run: int, path: str) -> ArtifactInfo:
    """One file of a run.

    Raises:
        NotFound: there is none at this path.
    """
    row = c.execute(select(artifacts).where(artifacts.c.run == run, artifacts.c.path == path)).first()
    if row is None:
        raise NotFound(f"The run has no artifact {path!r}.")
    return ArtifactInfo(row.path, is_dir=False, size=row.size, sha256=row.sha256)


def under(c: Connection, run: int, folder: str) -> list[ArtifactInfo]:
    """Every file of a run at or under a path, by path (along the primary key); `""` is all of them."""
    query = select(artifacts).where(artifacts.c.run == run).order_by(artifacts.c.path)
    if folder:
        inside = artifacts.c.path.startswith(f"{folder}/", autoescape=True)
        query = query.where((artifacts.c.path == folder) | inside)
    return [ArtifactInfo(r.path, is_dir=False, size=r.size, sha256=r.sha256) for r in c.execute(query)]
