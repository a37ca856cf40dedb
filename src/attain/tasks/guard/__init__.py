"""The guard of dropout prediction: `check` a fold, `refuse` what it found, print the `optimism` of a random split."""

from attain.tasks.guard.check import DETECTORS, check, checked_allow, refuse
from attain.tasks.guard.finding import Finding
from attain.tasks.guard.optimism import Optimism, optimism

__all__ = ["DETECTORS", "Finding", "Optimism", "check", "checked_allow", "optimism", "refuse"]
