"""A learner who can learn a skill only once all that it builds on is known."""

from attain.data.simulate.students.bkt import BKTParams, BKTStudent


class KnowledgeSpaceParams(BKTParams):
    """Parameters of `knowledge_space`; a list gives each skill its own value."""

    unready: float = 0
    """What learning is multiplied with while a direct prerequisite is not known: nothing is learned."""


class KnowledgeSpaceStudent(BKTStudent):
    """As `bkt`, but what is known is a state of a knowledge space: skills are learned from its outer fringe only
    (Doignon & Falmagne 1999, ch. 2)."""

    name = "knowledge_space"
    params: KnowledgeSpaceParams
