"""Which kinds of runs a list or a drawing is of, and what is typed to narrow it further."""

KINDS = ("model", "suite", "fold", "policy", "project", "all")


def narrowed(typed: str, kind: str) -> str:
    """A filter that lets through what was typed (anything, where nothing was) and is of a kind."""
    of_kind = f"tags.`attain.kind` = '{kind}'" if kind in KINDS and kind != "all" else ""
    return " AND ".join(part for part in (f"({typed})" if typed.strip() else "", of_kind) if part)
