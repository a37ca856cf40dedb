"""What the commands about users and groups have in common."""

from typing import Annotated

import typer

from attain.cli.output import out, print_json
from attain.tracking.access import Access
from attain.tracking.errors import Invalid
from attain.tracking.liveness import this_user
from attain.tracking.rights import Kind, Principal
from attain.tracking.store import default_uri, open_database

Name = Annotated[str, typer.Argument(metavar="NAME")]
RoleName = Annotated[str, typer.Option(help="member, admin, or auditor (sees audits and reports only).")]


def access_of(store: str | None) -> Access:
    """Users and rights of the database that an address names."""
    uri = store or default_uri()
    if uri.startswith(("http://", "https://")):
        raise Invalid(
            f"Users are managed where the server's database is, and {uri!r} is a server. Give the database by --store."
        )
    return open_database(uri).access


def by() -> str:
    """Who the ledger says did it: whoever may write to the database by hand."""
    return f"{this_user()} (command line)"


def who_is(given: str) -> tuple[Kind, str]:
    """A user, or a group with @ before its name."""
    return ("group", given[1:]) if given.startswith("@") else ("user", given)


def all_of(access: Access, kind: Kind) -> list[Principal]:
    """Users or groups of all pages."""
    page = access.principals(kind)
    found = list(page.items)
    while page.next_token:
        page = access.principals(kind, page_token=page.next_token)
        found += page.items
    return found


def said(text: str, facts: dict[str, str], *, as_json: bool) -> None:
    """Say what was done, to a person or a program."""
    if as_json:
        print_json(facts)
    else:
        out.print(text)
