"""What numbers of runs were made with that their names do not say, such as a library's version and settings.

BLEU by two versions of a tokeniser are two measures of one name: they are not ranked together.
"""

import json
from collections.abc import Mapping, Sequence

from attain.tracking.entities import Run

SIGNATURES = "attain.signatures"
"""Tag: metric to signature, as JSON."""


def tags_of(signatures: Mapping[str, str]) -> dict[str, str]:
    """The signatures of a run's metrics as tags; no tag where no metric has one."""
    known = {name: signature for name, signature in signatures.items() if signature}
    return {SIGNATURES: json.dumps(known, sort_keys=True, ensure_ascii=False)} if known else {}


def signatures_of(run: Run) -> dict[str, str]:
    """Metric to signature; nothing where the tag is not one of ours."""
    try:
        kept = json.loads(run.tags.get(SIGNATURES, "{}"))
    except ValueError:  # a tag that somebody wrote by hand
        return {}
    return {str(name): str(signature) for name, signature in kept.items()} if isinstance(kept, dict) else {}


def unlike_signatures(runs: Sequence[Run]) -> list[str]:
    """The metrics that some of the runs have by one signature and others by another."""
    kept = [signatures_of(run) for run in runs]
    names = dict.fromkeys(name for own in kept for name in own)
    return [name for name in names if len({own[name] for own in kept if name in own}) > 1]
