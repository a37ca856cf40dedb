"""Which files a run or a logged model has: path, hash and size. The bytes lie in the place for blobs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, delete, or_, select, text, union

from attain.tracking.entities import ArtifactInfo
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.sql import runs
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import upsert

MODEL_PREFIX = "m-"


@dataclass(frozen=True)
class Shelf:
    """Where the files of one owner stand: the table, and the owner's key in its column `column`."""

    table: Table
    column: str
    number: int

    @property
    def here(self) -> ColumnElement[bool]:
        """The condition that a row is this owner's."""
        return self.table.c[self.column] == self.number


def shelf(c: Connection, owner_id: str, *, write: bool = False) -> Shelf:
    """The files of a run, or of a logged model (`m-…`).

    Raises:
        NotFound: there is no such run or model.
        Invalid: it is a deleted run, and `write` is asked for.
    """
    if not owner_id.startswith(MODEL_PREFIX):
        number = runs.writable(c, owner_id)[0] if write else runs.number_of(c, owner_id)
        return Shelf(t.artifacts, "run", number)
    return Shelf(t.logged_model_artifacts, "model", _model(c, owner_id)[0])


def uri(c: Connection, owner_id: str) -> str:
    """The address of the files of a run or logged model, as MLflow's clients are told it."""
    if owner_id.startswith(MODEL_PREFIX):
        return _model(c, owner_id)[1]
    found: str | None = c.execute(select(t.runs.c.artifact_uri).where(t.runs.c.run_id == owner_id)).scalar()
    if found is None:
        raise NotFound(f"There is no run with id {owner_id!r}.")
    return found


def add(c: Connection, to: Shelf, files: Sequence[ArtifactInfo]) -> None:
    """Say that a run or model has these files; one with the same path is replaced.

    Raises:
        Invalid: a path is a folder of the run, or lies under one of its files.
    """
    there = {file.path for file in files} | _near(c, to, [file.path for file in files])
    folders = {path[:at] for path in there for at, sign in enumerate(path) if sign == "/"}
    if both := sorted(folders & there):
        raise Invalid(f"The artifact {both[0]!r} would be a file and a folder at once. Give one of them another path.")
    owner = {to.column: to.number}
    upsert(c, to.table, [{**owner, "path": f.path, "sha256": f.sha256, "size": f.size} for f in files])


def get(c: Connection, of: Shelf, path: str) -> ArtifactInfo:
    """One file of a run or model.

    Raises:
        NotFound: there is none at this path.
    """
    row = c.execute(select(of.table).where(of.here, of.table.c.path == path)).first()
    if row is None:
        raise NotFound(f"The {_kind(of)} has no artifact {path!r}.")
    return ArtifactInfo(row.path, is_dir=False, size=row.size, sha256=row.sha256)


def under(c: Connection, of: Shelf, folder: str) -> list[ArtifactInfo]:
    """Every file at or under a path, by path (along the primary key); `""` is all of them."""
    query = select(of.table).where(of.here, _inside(of.table, folder)).order_by(of.table.c.path)
    return [ArtifactInfo(r.path, is_dir=False, size=r.size, sha256=r.sha256) for r in c.execute(query)]


def remove(c: Connection, of: Shelf, folder: str) -> None:
    """Take away every file at or under a path; `""` is all of them.

    Raises:
        NotFound: there is nothing at this path.
    """
    gone = c.execute(delete(of.table).where(of.here, _inside(of.table, folder))).rowcount
    if folder and not gone:
        raise NotFound(f"The {_kind(of)} has no artifact {folder!r}.")


def referenced(c: Connection, contents: Sequence[str]) -> set[str]:
    """Those of some hashes that any run or model has, deleted ones also (along the indexes of hashes)."""
    tables = (t.artifacts, t.logged_model_artifacts)
    found = union(*(select(table.c.sha256).where(table.c.sha256.in_(contents)) for table in tables))
    return set(c.execute(found).scalars())


def hold(c: Connection) -> None:
    """Let nobody else say that a file is there until this write transaction ends; reading goes on.

    SQLite's write transactions do so by themselves.
    """
    if c.dialect.name == "postgresql":
        c.execute(text("LOCK TABLE artifacts, logged_model_artifacts IN SHARE ROW EXCLUSIVE MODE"))


def _near(c: Connection, of: Shelf, paths: Sequence[str]) -> set[str]:
    """The paths there that could be a folder of new ones or lie under them; for many new paths simply all."""
    if len(paths) > 1:
        return set(c.execute(select(of.table.c.path).where(of.here)).scalars())
    (path,) = paths
    folders = [path[:at] for at, sign in enumerate(path) if sign == "/"]
    below = re.sub(r"([/%_])", r"/\1", f"{path}/") + "%"
    given = {"number": of.number, "folders": folders, "below": below}
    return set(c.execute(_near_one(of.table, of.column), given).scalars())


@cache
def _near_one(table: Table, column: str) -> Select[Any]:  # of text; releases of SQLAlchemy write that differently
    """Made once: it is asked for every file."""
    path = table.c.path
    near = or_(path.in_(bindparam("folders", expanding=True)), path.like(bindparam("below"), escape="/"))
    return select(path).where(table.c[column] == bindparam("number"), near).limit(1)


def _inside(table: Table, folder: str) -> ColumnElement[bool]:
    if not folder:
        return table.c.path != ""
    return or_(table.c.path == folder, table.c.path.startswith(f"{folder}/", autoescape=True))


def _kind(of: Shelf) -> str:
    return "run" if of.column == "run" else "logged model"


def _model(c: Connection, model_id: str) -> tuple[int, str]:
    m = t.logged_models.c
    row = c.execute(select(m.id, m.artifact_uri).where(m.model_id == model_id, m.lifecycle_stage == "active")).first()
    if row is None:
        raise NotFound(f"There is no logged model with id {model_id!r}.")
    return row.id, row.artifact_uri
