"""The tasks there are: each is a module of `attain.tasks`, and what cards and suites may name."""

from typing import Literal, get_args

Task = Literal["knowledge_tracing", "dropout_prediction", "recommendation", "content_generation", "answer_scoring"]
TASKS: tuple[str, ...] = get_args(Task)
