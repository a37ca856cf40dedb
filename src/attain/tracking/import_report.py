"""How an import goes: what there is, what was new, what is here now, and what could not be taken over."""

from dataclasses import dataclass, field, fields

from attain.tracking.errors import Exists, Invalid, NotFound

ORIGIN_TAG = "attain.origin"
"""Where an experiment, run or registered model was imported from."""


@dataclass(frozen=True)
class Counts:
    """Numbers of things; they can be added up."""

    experiments: int = 0
    runs: int = 0
    params: int = 0
    tags: int = 0
    points: int = 0
    inputs: int = 0
    files: int = 0
    bytes: int = 0
    models: int = 0
    versions: int = 0
    logged_models: int = 0
    model_points: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass
class Report:
    """How an import goes.

    Attributes:
        seen: what the source has.
        added: what was not here yet.
        kept: what is here now of that, counted here after it was written.
        trouble: one sentence for each thing that could not be taken over.
    """

    seen: Counts = field(default_factory=Counts)
    added: Counts = field(default_factory=Counts)
    kept: Counts = field(default_factory=Counts)
    trouble: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether there is as much here as there; more is possible where things were added here since."""
        pairs = ((getattr(self.seen, f.name), getattr(self.kept, f.name)) for f in fields(Counts))
        return not self.trouble and all(here >= there for there, here in pairs)


class noted:  # noqa: N801 - reads as a statement
    """Notes what cannot be taken over, and goes on."""

    def __init__(self, report: Report, what: str) -> None:
        self._report, self._what = report, what

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Invalid | NotFound | Exists):
            self._report.trouble.append(f"{self._what}: {error}")
            return True
        return False
