"""The guard of dropout prediction: `check` a fold for what would flatter a model, `refuse` what it found."""

from attain.tasks.guard.check import DETECTORS, check, checked_allow, refuse
from attain.tasks.guard.finding import Finding

__all__ = ["DETECTORS", "Finding", "check", "checked_allow", "refuse"]
