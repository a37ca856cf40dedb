"""What a person sees while a suite runs: live bars in a terminal, one line a job elsewhere, or nothing."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class View:
    """Hears of every step of a suite, and by itself shows nothing.

    A job is named by its run's label and its fold: `dkt · fold 2`.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def begin(self, total: int, done: int) -> None:
        """There are `total` jobs, of which `done` were finished before."""

    def started(self, job: str) -> None:
        """A worker took a job."""

    def progressed(self, job: str, text: str) -> None:
        """A model reported, for example `epoch 3: loss 0.52`."""

    def ended(self, job: str, outcome: str, seconds: float) -> None:
        """A job is over: `finished`, `failed` or `lost`."""

    def said(self, text: str) -> None:
        """Something worth a line of its own."""


class PlainView(View):
    """One line a job, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console, self._total, self._done = console, 0, 0

    def begin(self, total: int, done: int) -> None:
        """See `View.begin`."""
        self._total, self._done = total, done
        if done:
            self.said(f"{done} of {total} jobs are finished already and are not run again.")

    def ended(self, job: str, outcome: str, seconds: float) -> None:
        """See `View.ended`."""
        self._done += 1
        width = len(str(self._total))
        self.said(f"[{self._done:>{width}}/{self._total}] {job}: {outcome} in {_span(seconds)}")

    def said(self, text: str) -> None:
        """See `View.said`."""
        self._console.print(text)


class LiveView(View):
    """A bar for the suite, and under it a line for each job at work."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=console,
            transient=True,
        )
        self._console = console
        self._suite = TaskID(0)
        self._jobs: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, total: int, done: int) -> None:
        """See `View.begin`."""
        self._suite = self._progress.add_task("all jobs", total=total, completed=done, note="")
        if done:
            self.said(f"{done} of {total} jobs are finished already and are not run again.")

    def started(self, job: str) -> None:
        """See `View.started`."""
        self._jobs[job] = self._progress.add_task(f"  {job}", total=None, note="")

    def progressed(self, job: str, text: str) -> None:
        """See `View.progressed`."""
        if job in self._jobs:
            self._progress.update(self._jobs[job], note=text)

    def ended(self, job: str, outcome: str, seconds: float) -> None:
        """See `View.ended`."""
        if job in self._jobs:
            self._progress.remove_task(self._jobs.pop(job))
        self._progress.advance(self._suite)
        if outcome != "finished":
            self.said(f"{job}: {outcome} after {_span(seconds)}")

    def said(self, text: str) -> None:
        """See `View.said`."""
        self._console.print(text)


def _span(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
