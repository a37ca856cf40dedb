"""The `attain` command."""

import os
import sys

import typer

from attain import __version__
from attain.cli import compare, data, listing, new_model, run, runs
from attain.cli.output import complain
from attain.core.errors import UserError

app = typer.Typer(
    name="attain",
    help="Experiments in adaptive learning: compare student models on the same learners, tracked and repeatable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("check")(run.check)
app.command("runs")(runs.runs)
app.command("show")(runs.show)
app.command("compare")(compare.compare)
app.command("score")(compare.score)
app.command("list")(listing.show_list)
app.command("new-model")(new_model.new_model)
app.add_typer(data.app, name="data")


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True),
) -> None:
    if version:
        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line: 0 done, 1 something failed on the way, 2 a mistake in what was asked, 130 stopped."""
    try:
        status = app(standalone_mode=False)
    except UserError as error:
        complain(str(error))
        status = 2
    except typer.TyperException as error:
        if said := error.format_message().rstrip("."):
            complain(f"{said}. What there is: attain --help, also after a command.")
        status = error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        status = 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status or 0)
