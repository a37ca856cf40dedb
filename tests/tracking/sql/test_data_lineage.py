"""Which data sets runs read, and what came of those runs."""

from attain.tracking.entities import ArtifactInfo, DatasetInput
from attain.tracking.sql.data_lineage import Known, Made
from attain.tracking.sql.store import Store


def test_data_sets_are_known_by_experiment_name_and_fingerprint(store: Store) -> None:
    one, two = store.create_experiment("one"), store.create_experiment("two")
    for at, (experiment, digest) in enumerate(((one, "d1"), (one, "d1"), (one, "d2"), (two, "d1"))):
        run = store.create_run(experiment, "run", {"attain.dataset": "a"}, start_time=at)
        store.log_inputs(run.run_id, [DatasetInput("a", digest), DatasetInput("b", "e1")])
    store.create_run(one, "by hand", {"attain.dataset": "long" * 60}, start_time=9)
    assert store.lineage.known([one], "a") == [Known(one, "a", "d2", 1, 2), Known(one, "a", "d1", 2, 1)]
    assert store.lineage.known([one], "long" * 60) == [Known(one, "long" * 60, "", 1, 9)]
    assert store.lineage.known([one], "long" * 59) == []
    assert {(k.experiment_id, k.name) for k in store.lineage.known([one, two])} >= {(two, "a"), (two, "b"), (one, "b")}
    assert store.lineage.known([]) == []


def test_readers_are_found_by_input_or_tag_the_last_first_and_each_once(store: Store) -> None:
    one, other = store.create_experiment("one"), store.create_experiment("other")
    both = store.create_run(one, "both", {"attain.dataset": "a"}, start_time=1)
    store.log_inputs(both.run_id, [DatasetInput("a", "d1"), DatasetInput("a", "d2")])
    tagged = store.create_run(one, "tagged", {"attain.dataset": "a"}, start_time=2)
    store.create_run(one, "fold", {"attain.dataset": "a", "attain.kind": "fold"}, start_time=3)
    store.create_run(other, "elsewhere", {"attain.dataset": "a"}, start_time=4)
    assert [run.run_id for run in store.lineage.readers([one], "a", 9)] == [tagged.run_id, both.run_id]
    assert [run.run_id for run in store.lineage.readers([one], "a", 1)] == [tagged.run_id]


def test_what_parts_of_a_run_made_is_made_by_the_run(store: Store) -> None:
    one = store.create_experiment("one")
    run, other = (store.create_run(one, name) for name in ("run", "other"))
    part = store.create_run(one, "part", parent_run_id=run.run_id)
    store.registry.create_model("m")
    for made_by in (run, part, other):
        store.registry.create_version("m", f"runs:/{made_by.run_id}/model", made_by.run_id)
    assert store.lineage.made_by([run.run_id]) == [Made(run.run_id, "m", 2), Made(run.run_id, "m", 1)]
    assert store.lineage.made_by([]) == []


def test_only_files_in_the_folder_itself_are_found(store: Store) -> None:
    run = store.create_run(store.create_experiment("one"), "run")
    files = [ArtifactInfo(path, False, 1, "ab" * 32) for path in ("au_it/a.json", "audit/a.json", "audits/b.json")]
    store.add_artifacts(run.run_id, files)
    assert store.lineage.files_in([run.run_id], "audit") == [(run.run_id, "audit/a.json")]
    assert store.lineage.files_in([run.run_id], "au_it") == [(run.run_id, "au_it/a.json")]
