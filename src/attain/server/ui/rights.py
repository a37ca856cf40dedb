"""Rights that pages need and no endpoint of the protocol has, as routes: `access.needs` holds all rights."""

from attain.server.rest.call import Call, Reply, Route


def _nothing(_: Call) -> Reply:
    return {}


ADMIN = Route("GET", "pages/admin", _nothing, writes=False)
"""To see who may do what."""

AUDITS = Route("GET", "pages/audits", _nothing, writes=False)
"""To see a list of audits, cut to those of experiments that one may read."""
EVERY_AUDIT = Route("GET", "pages/audits/all", _nothing, writes=False)
"""To see all of that list."""
AUDIT = Route("GET", "pages/audit", _nothing, writes=False)
"""To see an audit of a run."""

ROUTES = (ADMIN, AUDITS, EVERY_AUDIT, AUDIT)
"""No address answers to these; a page names one in its `needs`."""
