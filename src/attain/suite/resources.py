"""What a job asks for, and what there is: threads, memory, GPUs."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import Field

from attain.core.strict import Strict

GB = 1e9


class Resources(Strict):
    """What each job of a model asks for; it is only begun where that is free."""

    threads: int | None = Field(default=None, ge=1)
    """Threads of the numeric libraries; `--threads` where not given."""
    memory_gb: float = Field(default=0.0, ge=0)
    """Memory to set aside, in gigabytes (10⁹ bytes). It places jobs, and does not stop one that takes more."""
    gpus: int = Field(default=0, ge=0)
    """How many GPUs."""


@dataclass(frozen=True)
class Room:
    """An amount of each resource: what a job needs, or what a place still has."""

    threads: int = 1
    memory_gb: float = 0.0
    gpus: int = 0

    @classmethod
    def for_job(cls, asked: Resources, threads: int) -> Self:
        """What a job needs; `threads` where it does not say how many."""
        return cls(asked.threads or threads, asked.memory_gb, asked.gpus)

    def lacks(self, need: "Room") -> str:
        """What is too little here for a job, in words; "" where the job fits."""
        if need.threads > self.threads:
            return f"{need.threads} threads where there are {self.threads}"
        if need.memory_gb > self.memory_gb:
            return f"{need.memory_gb:g} GB of memory where there are {self.memory_gb:.3g} GB"
        if need.gpus > self.gpus:
            return f"{need.gpus} GPU{'s'[: need.gpus > 1]} where there are {self.gpus or 'none'}"
        return ""

    def without(self, taken: "Room") -> "Room":
        """What is left when a job has taken its part."""
        return Room(self.threads - taken.threads, self.memory_gb - taken.memory_gb, self.gpus - taken.gpus)


def this_machine() -> Room:
    """All that this machine has, as far as its system says."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
    return Room(os.cpu_count() or 1, memory, _gpus())


def _gpus() -> int:
    """NVIDIA's, and of those only the visible ones."""
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return len([one for one in visible.split(",") if one.strip() not in ("", "-1")])
    return len(list(Path("/proc/driver/nvidia/gpus").glob("*")))
