"""`attain user group`: groups of users."""

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import print_json, print_table
from attain.cli.user_options import Name, RoleName, access_of, all_of, by, said
from attain.tracking.rights import checked_role

group = typer.Typer(help="Groups of users.", no_args_is_help=True)


@group.command("add")
def add_group(name: Name, role: RoleName = "member", store: StoreUri = None, as_json: Json = False) -> None:
    """Make a group; its role is that of everybody in it."""
    access_of(store).add_group(name, by(), checked_role(role))
    said(f"Group {name} is made.", {"group": name, "role": role}, as_json=as_json)


@group.command("list")
def show_groups(store: StoreUri = None, as_json: Json = False) -> None:
    """Show all groups, and who is in each."""
    access = access_of(store)
    members = {
        one.name: [u.name for u in all_of(access, "user") if one.name in u.groups] for one in all_of(access, "group")
    }
    if as_json:
        print_json(members)
        return
    print_table(["group", "users"], [[name, ", ".join(users)] for name, users in members.items()])


@group.command("remove")
def remove_group(name: Name, store: StoreUri = None, as_json: Json = False) -> None:
    """Remove a group with all its rights; the users stay."""
    access_of(store).remove("group", name, by())
    said(f"Group {name} is removed.", {"group": name}, as_json=as_json)


@group.command()
def join(user: str, name: Name, store: StoreUri = None, as_json: Json = False) -> None:
    """Put a user into a group."""
    access_of(store).join(user, name, by())
    said(f"{user} is in the group {name}.", {"user": user, "group": name}, as_json=as_json)


@group.command()
def leave(user: str, name: Name, store: StoreUri = None, as_json: Json = False) -> None:
    """Take a user out of a group."""
    access_of(store).leave(user, name, by())
    said(f"{user} is not in the group {name} any more.", {"user": user, "group": name}, as_json=as_json)
