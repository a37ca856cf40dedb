from attain.tracking.entities import Run
from attain.tracking.signatures import SIGNATURES, signatures_of, tags_of, unlike_signatures
from attain.tracking.store import open_store


def kept(tags: dict[str, str]) -> Run:
    store = open_store()
    return store.create_run(store.ensure_experiment("any").experiment_id, "run", tags=tags)


def test_signatures_are_kept_as_a_tag_and_read_back() -> None:
    given = {"bleu[13a,4]": "nrefs:1|tok:13a", "auc": ""}
    assert signatures_of(kept(tags_of(given))) == {"bleu[13a,4]": "nrefs:1|tok:13a"}
    assert tags_of({"auc": ""}) == {}


def test_metrics_that_were_made_with_something_else_are_named() -> None:
    one, other = kept(tags_of({"bleu": "v:1", "chrf": "v:1"})), kept(tags_of({"bleu": "v:2", "chrf": "v:1"}))
    assert unlike_signatures([one, other, kept({})]) == ["bleu"]
    assert unlike_signatures([one, one, kept({})]) == []


def test_a_tag_that_somebody_wrote_by_hand_signs_nothing() -> None:
    assert signatures_of(kept({SIGNATURES: "yes"})) == {}
    assert signatures_of(kept({SIGNATURES: "[1]"})) == {}
