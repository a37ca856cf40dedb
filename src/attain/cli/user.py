"""`attain user`: who may come in, what they may do, and the ledger of it."""

import getpass
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import out, print_json, print_table
from attain.cli.user_groups import group
from attain.cli.user_options import Name, RoleName, access_of, all_of, by, said, who_is
from attain.core.errors import UserError
from attain.tracking.access import Access
from attain.tracking.rights import Role, Thing, checked_level, checked_role

app = typer.Typer(help="Who may use the server, and what they may do.", no_args_is_help=True)
app.add_typer(group, name="group")

Who = Annotated[str, typer.Argument(help="A user, or a group with @ before its name.", metavar="USER|@GROUP")]
What = Annotated[
    str, typer.Argument(help="Name or id of an experiment; * for all and for all models.", metavar="EXPERIMENT")
]
IsModel = Annotated[bool, typer.Option("--model", help="It is a registered model's name, not an experiment's.")]


@app.command()
def add(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything; short for --role admin.")] = False,
    role: RoleName = "member",
    password_stdin: Annotated[bool, typer.Option(help="Read the password from the standard input.")] = False,
    no_password: Annotated[bool, typer.Option(help="No password: by token or identity provider only.")] = False,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Make a user; the password is asked for."""
    given = checked_role("admin" if admin else role)
    password = None if no_password else _password(from_stdin=password_stdin)
    access_of(store).add_user(name, by(), given, password)
    said(f"User {name} is made ({given}).", {"user": name, "role": given}, as_json=as_json)


@app.command()
def password(
    name: Name,
    password_stdin: Annotated[bool, typer.Option(help="Read the password from the standard input.")] = False,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Give a user another password; all sessions end."""
    access_of(store).set_password(name, _password(from_stdin=password_stdin), by())
    said(f"User {name} has another password.", {"user": name}, as_json=as_json)


@app.command()
def role(
    who: Who,
    role: Annotated[str, typer.Argument(help="member, admin, or auditor.", metavar="ROLE")],
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Give a user or a group a role on the whole server."""
    kind, name = who_is(who)
    given: Role = checked_role(role)
    access_of(store).set_role(kind, name, given, by())
    said(f"{who} is {given} now.", {kind: name, "role": given}, as_json=as_json)


@app.command("list")
def show_users(store: StoreUri = None, as_json: Json = False) -> None:
    """Show all users."""
    found = all_of(access_of(store), "user")
    if as_json:
        print_json([asdict(user) for user in found])
        return
    rows = [
        [
            user.name,
            user.role,
            user.everywhere or "",
            ", ".join(user.groups),
            _yes(user.has_password),
            _when(user.creation_time),
        ]
        for user in found
    ]
    print_table(["user", "role", "everywhere", "groups", "password", "made"], rows)


@app.command()
def remove(name: Name, store: StoreUri = None, as_json: Json = False) -> None:
    """Remove a user with all tokens, sessions and rights; what they made stays."""
    access_of(store).remove("user", name, by())
    said(f"User {name} is removed.", {"user": name}, as_json=as_json)


@app.command()
def token(
    name: Name,
    days: Annotated[int | None, typer.Option(help="How long it is good; for ever if not given.", min=1)] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Make a token of a user and print it; this is the only time that it can be seen."""
    made = access_of(store).add_token(name, by(), days)
    if as_json:
        print_json({"user": name, "token": made, "days": days})
    else:
        print(made)


@app.command()
def tokens(
    name: Annotated[str | None, typer.Argument(metavar="NAME")] = None, store: StoreUri = None, as_json: Json = False
) -> None:
    """Show the tokens of a user, or of all; never the secrets."""
    found = access_of(store).tokens(name)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        [one.prefix, one.user, _when(one.creation_time), _when(one.expiry) if one.expiry else "never"] for one in found
    ]
    print_table(["token", "user", "made", "ends"], rows)


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="As `attain user tokens` shows it.", metavar="TOKEN")],
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Let a token be good no longer, from now on."""
    access_of(store).revoke_token(token, by())
    said(f"Token {token} is good no longer.", {"token": token}, as_json=as_json)


@app.command()
def permit(
    who: Who,
    what: What,
    level: Annotated[str, typer.Argument(help="read, edit, or manage; each holds those before it.", metavar="LEVEL")],
    model: IsModel = False,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Let a user or a group read, edit or manage an experiment or a model."""
    kind, name = who_is(who)
    given = checked_level(level)
    access_of(store).permit(kind, name, what, given, by(), _thing(model=model))
    said(f"{who} may {given} {what}.", {kind: name, "object": what, "level": given}, as_json=as_json)


@app.command()
def forbid(who: Who, what: What, model: IsModel = False, store: StoreUri = None, as_json: Json = False) -> None:
    """Take away what `permit` gave."""
    kind, name = who_is(who)
    access_of(store).forbid(kind, name, what, by(), _thing(model=model))
    said(f"{who} has no right of its own on {what} any more.", {kind: name, "object": what}, as_json=as_json)


@app.command()
def permissions(store: StoreUri = None, as_json: Json = False) -> None:
    """Show what was permitted to whom."""
    found = access_of(store).grants()
    if as_json:
        print_json([asdict(grant) for grant in found])
        return
    rows = [
        [
            ("@" if grant.kind == "group" else "") + grant.name,
            "all" if grant.object == "*" else grant.thing,
            grant.object,
            grant.level,
        ]
        for grant in found
    ]
    print_table(["who", "kind", "what", "level"], rows)


@app.command()
def ledger(
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that no row was changed, removed or slipped in.")
    ] = False,
    known: Annotated[
        str | None, typer.Option(help="With --verify: a hash noted earlier that must still be there.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=50_000)] = 20,
    page: Annotated[str | None, typer.Option(help="The token that the page before ended with.")] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Show who did what and who was refused, the newest first; or check that it is whole."""
    if verify:
        _verify(access_of(store), known, as_json=as_json)
        return
    found = access_of(store).entries(limit, page)
    if as_json:
        print_json({"entries": [asdict(entry) for entry in found.items], "next_page": found.next_token})
        return
    rows = [
        [str(entry.seq), _when(entry.time), entry.actor, entry.action, entry.object, entry.details]
        for entry in found.items
    ]
    print_table(["row", "when", "who", "did", "to", "details"], rows)
    if found.next_token:
        out.print(f"The next page: the same command with --page {found.next_token}", style="dim")


def _thing(*, model: bool) -> Thing:
    return "model" if model else "experiment"


def _password(*, from_stdin: bool) -> str:
    """A password that is nowhere to be seen: not in the command, not on the screen."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UserError("There is no terminal to ask for the password. Send it in with --password-stdin.")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise UserError("The two passwords differ. Nothing is changed.")
    return first


def _verify(access: Access, known: str | None, *, as_json: bool) -> None:
    found = access.verify(known)
    if as_json:
        print_json(asdict(found))
    elif found.broken is None:
        out.print(f"The ledger is whole: {found.rows:,} rows. Note the last hash elsewhere: {found.head}")
    if found.broken is not None:
        if not as_json:
            out.print(f"The ledger is broken at row {found.broken}. {found.reason}", style="red")
        raise typer.Exit(1)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M")
