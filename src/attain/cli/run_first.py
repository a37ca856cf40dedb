"""Groups of commands whose first word may be a run: `attain audit RUN` is `attain audit make RUN`."""

from typing import Any

from typer.core import TyperGroup


class RunFirst(TyperGroup):
    """A group that takes a first word which is none of its commands for what its usual command is about."""

    default_command: str

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # the type is private to typer
        """Put the usual command in front of what is no command."""
        if args and args[0] not in (*self.commands, "--help", "-h"):
            args = [self.default_command, *args]
        return super().parse_args(ctx, args)
