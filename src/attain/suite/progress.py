"""What a person sees while a suite runs: live bars in a terminal, one line a job elsewhere, or nothing."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


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
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            TextColumn("{task.fields[count]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
            console=console,
            transient=True,
        )
        self._console = console
        self._suite, self._total, self._done = TaskID(0), 0, 0
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
        self._total, self._done = total, done
        self._suite = self._progress.add_task("all jobs", total=total, completed=done, count=f"{done}/{total}", note="")
        if done:
            self.said(f"{done} of {total} jobs are finished already and are not run again.")

    def started(self, job: str) -> None:
        """See `View.started`."""
        self._jobs[job] = self._progress.add_task(job, total=None, count="", note="")

    def progressed(self, job: str, text: str) -> None:
        """See `View.progressed`."""
        if job in self._jobs:
            self._progress.update(self._jobs[job], note=text)

    def ended(self, job: str, outcome: str, seconds: float) -> None:
        """See `View.ended`."""
        if job in self._jobs:
            self._progress.remove_task(self._jobs.pop(job))
        self._done += 1
        self._progress.update(self._suite, completed=self._done, count=f"{self._done}/{self._total}")
        if outcome != "finished":
            self.said(f"{job}: {outcome} after {_span(seconds)}")

    def said(self, text: str) -> None:
        """See `View.said`."""
        self._console.print(text)


def _span(seconds: float) -> str:
    """A length of time in the unit that suits it."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
