"""Options that many commands have, worded once."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
StoreUri = Annotated[
    str | None,
    typer.Option("--store", help="Where runs are kept, if not the usual place.", metavar="URI", show_default=False),
]
