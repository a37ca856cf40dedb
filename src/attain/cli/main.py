"""The `attain` command."""

import importlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence

import typer

from attain import __version__
from attain.cli.output import complain
from attain.core.errors import UserError, unknown
from attain.core.extras import not_installed

COMMANDS = {
    "run": "run:run",
    "check": "run:check",
    "run-project": "project:run",
    "project": "project:app",
    "runs": "runs:runs",
    "show": "runs:show",
    "files": "files:files",
    "compare": "compare:compare",
    "score": "compare:score",
    "reproduce": "reproduce:reproduce",
    "diff": "reproduce:diff",
    "audit": "audit:app",
    "register": "register:register",
    "promote": "promote:promote",
    "rollback": "promote:rollback",
    "gate": "gate:check_gate",
    "watch": "watch:watch",
    "list": "listing:show_list",
    "new-model": "new_model:new_model",
    "ui": "ui:ui",
    "server": "server:server",
    "serve": "serve:serve_model",
    "monitor": "monitor:monitor_model",
    "data": "data:app",
    "policies": "policies:policies",
    "off-policy": "off_policy:off_policy",
    "ratings": "ratings:app",
    "items": "items:items",
    "store": "store:app",
    "user": "user:app",
    "import": "import_:app",
    "export": "export:app",
}
"""Each command, and where in this package it is: a function, or a group of commands."""


def application(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The command line with some of its commands; only their modules are imported."""
    app = typer.Typer(
        name="attain",
        help="Experiments in adaptive learning: compare student models on the same learners, tracked and repeatable.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_version)
    for name in names:
        found = _command(name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            anything = {"allow_extra_args": True, "ignore_unknown_options": True} if found.__name__ == "lacking" else {}
            app.command(name, context_settings=anything)(found)
    return app


def _command(name: str) -> Callable[..., object]:
    """The function or the group of a command; one that says what to install where a library is missing."""
    module, _, attribute = COMMANDS[name].partition(":")
    try:
        found: Callable[..., object] = getattr(importlib.import_module(f"attain.cli.{module}"), attribute)
    except ModuleNotFoundError as error:
        problem = not_installed(f"'attain {name}'", error)
        if not isinstance(problem, UserError):
            raise

        def lacking() -> None:
            raise problem

        lacking.__doc__ = str(problem)
        return lacking
    return found


def main() -> None:
    """Run a command: 0 done, 1 something failed, 2 a mistake in what was asked, 3 nobody can tell, 130 stopped."""
    try:
        status = application(_needed(sys.argv[1:2]))(standalone_mode=False)
    except UserError as error:
        complain(str(error))
        status = 2
    except typer.TyperException as error:
        if said := error.format_message().rstrip(".").replace("Value error, ", ""):
            complain(f"{said}. What there is: attain --help, also after a command.")
        status = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status or 0)


def _needed(first: Sequence[str]) -> Iterable[str]:
    """The commands that the first word calls for: one, none for the version, all of them for help."""
    if not first or first[0].startswith("-"):
        return () if first == ["--version"] else COMMANDS
    if first[0] not in COMMANDS:
        raise unknown("command", first[0], COMMANDS)
    return first


def _version(
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True),
) -> None:
    if version:
        print(__version__)
        raise typer.Exit
