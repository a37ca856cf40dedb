"""Rights that pages need and no endpoint of the protocol has, as routes: `access.needs` holds all rights."""

from attain.server.rest.call import Call, Reply, Route


def _nothing(_: Call) -> Reply:
    return {}


ADMIN = Route("GET", "pages/admin", _nothing, writes=False)
"""To see who may do what."""

ROUTES = (ADMIN,)
"""No address answers to these; a page names one in its `needs`."""
