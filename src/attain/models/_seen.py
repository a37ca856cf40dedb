"""A log whose names are only those that occur in it."""

from dataclasses import replace

import numpy as np

from attain.data.interactions import Interactions


def only_seen(log: Interactions) -> Interactions:
    """The same answers, with items and skills renumbered so that each has at least one answer.

    A part of a data set lists the names of the whole; a model that counts them would learn from what it may not see.
    """
    items, item = np.unique(log.item, return_inverse=True)
    skills, skill = np.unique(log.skill, return_inverse=True)
    return replace(
        log,
        item=item.astype(np.int32),
        items=log.items[items],
        skill=skill.astype(np.int32),
        skills=log.skills[skills],
    )
