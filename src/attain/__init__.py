"""attain: experiments in adaptive learning, tracked and repeatable."""

__version__ = "0.1.0"
