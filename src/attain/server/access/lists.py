"""Lists as somebody may see them: what they may not read is left out."""

from collections.abc import Callable
from dataclasses import replace

from attain.server.rest.call import Call, Fields, Reply, Route
from attain.tracking.access import Access
from attain.tracking.rights import Level, Thing, highest

_LISTS: dict[str, tuple[str, Thing, str]] = {
    "experiments/search": ("experiments", "experiment", "experiment_id"),
    "registered-models/search": ("registered_models", "model", "name"),
    "model-versions/search": ("model_versions", "model", "name"),
}
"""Where in the reply the list is, what is in it, and the field that says which."""


def seen(access: Access, default: Level | None, route: Route, call: Call, reply: Reply) -> Reply:
    """A reply without what the caller may not read.

    A page can have fewer things than asked for, but not none while there are more; then the next ones are looked at.
    """
    if route.path not in _LISTS:
        return reply
    asker = access.asker(call.user)
    if asker.role == "admin" or highest([default, asker.everywhere]) is not None:
        return reply
    key, thing, name = _LISTS[route.path]
    kept = _kept(reply, key, name, lambda names: access.readable(asker, thing, names))
    while not kept.get(key) and (token := kept.get("next_page_token")):
        reply = route.handler(replace(call, values={**call.values, "page_token": token}))
        kept = _kept(reply, key, name, lambda names: access.readable(asker, thing, names))
    return kept


def _kept(reply: Reply, key: str, name: str, readable: Callable[[list[str]], set[str]]) -> Fields:
    assert isinstance(reply, dict), "lists that are read by what somebody may see are not written as text"
    there = reply.get(key, [])
    allowed = readable([one[name] for one in there])
    return {**reply, key: [one for one in there if one[name] in allowed]} if there else reply
