"""Data sets and what hangs on them: one object in front of `data_lineage`, each call one transaction."""

from collections.abc import Sequence

from sqlalchemy import Engine

from attain.tracking.entities import Run
from attain.tracking.sql import data_lineage
from attain.tracking.sql.data_lineage import Description, Known, Made
from attain.tracking.sql.engine import reading


class Lineage:
    """From data sets to the runs that read them, and on to versions of models and to audits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, experiment_ids: Sequence[str], name: str | None = None) -> list[Known]:
        """The data sets that the runs of some experiments read, or the one of a name; the last used first."""
        with reading(self._engine) as c:
            return data_lineage.known(c, experiment_ids, name)

    def described(self, experiment_ids: Sequence[str], name: str, most: int) -> list[Description]:
        """What runs said of a data set, the last told first."""
        with reading(self._engine) as c:
            return data_lineage.described(c, experiment_ids, name, most)

    def readers(self, experiment_ids: Sequence[str], name: str, most: int) -> list[Run]:
        """The runs that read a data set, the last started first."""
        with reading(self._engine) as c:
            return data_lineage.readers(c, experiment_ids, name, most)

    def made_by(self, run_ids: Sequence[str]) -> list[Made]:
        """The versions of registered models that runs or their parts made."""
        with reading(self._engine) as c:
            return data_lineage.made_by(c, run_ids)

    def files_in(self, run_ids: Sequence[str], folder: str) -> list[tuple[str, str]]:
        """The run and the path of each file that some runs have in a folder."""
        with reading(self._engine) as c:
            return data_lineage.files_in(c, run_ids, folder)
