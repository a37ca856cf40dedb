"""Embeddings after the Rasch model: a skill, and how far an item departs from it. Needs torch."""

import torch
from torch import Tensor, nn

from attain.models.knowledge_tracing._deep_network import Batch, ItemEase, SkillMean, of_questions


class RaschEmbedding(nn.Module):
    """Questions and answers in which an item is its skills plus its difficulty times how its skills vary.

    Items are many and each is answered seldom, so of each but one number is learned (Ghosh et al. 2020, eq. 5 and 6).
    Here it is the item's ease in logits, which its prior holds to 0, and which is added to the verdict as well.

    Args:
        n_skills: seen in training.
        n_items: seen in training.
        size: of an embedding.
        item_sd: of the prior.
        asked_by_skill: whether a question is its skills alone, and the item counts in answers and in the verdict only.
            A network that sees an item's ease in the question learns to trust it more than its prior says, unless the
            ease is learned slowly, as it is then.
    """

    def __init__(self, n_skills: int, n_items: int, size: int, item_sd: float, *, asked_by_skill: bool = False) -> None:
        super().__init__()
        self.asked_by_skill = asked_by_skill
        self.skill, self.variation = SkillMean(n_skills, size), SkillMean(n_skills, size)
        self.item = ItemEase(n_items, item_sd, hasty=asked_by_skill)
        self.answer, self.answer_variation = nn.Embedding(2, size), nn.Embedding(2, size)
        for part in (self.variation, self.answer_variation):
            nn.init.normal_(part.weight, std=0.1)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The questions, shape (n_questions, n, size), and the answers to the first, shape (n, size)."""
        skill, variation = (of_questions(part, batch.questions) for part in (self.skill, self.variation))
        ease = self.item(batch.questions)[..., None]
        departs = variation[0] + self.answer_variation(batch.correct)
        answers = skill[0] + self.answer(batch.correct) + ease[0] * departs
        return skill if self.asked_by_skill else skill + ease * variation, answers


class Verdict(nn.Module):
    """From what was seen, and what is asked, to a logit; both of shape (..., size)."""

    def __init__(self, size: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2 * size, 2 * size), nn.ReLU(), nn.Dropout(dropout), nn.Linear(2 * size, 1)
        )

    def forward(self, seen: Tensor, asked: Tensor) -> Tensor:
        """Shape (...,)."""
        logit: Tensor = self.layers(torch.cat([seen, asked], dim=-1))[..., 0]
        return logit
