"""A version is promoted where it is better and fair, and the ledger has every decision."""

import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from attain.audit.kept import sign_audit
from attain.audit.policy import Policy, PolicyFile
from attain.core.errors import UserError
from attain.suite.audits import Asked, make_audit
from attain.suite.gates.check import Check
from attain.suite.gates.promote import Decision, Terms, promote
from attain.suite.gates.register import register
from attain.tracking import artifacts
from attain.tracking.entities import DatasetInput, Run
from attain.tracking.errors import Overtaken
from attain.tracking.sql.store import Store

Challenge = Callable[..., str]
Judge = Callable[..., Decision]


def check(decision: Decision, name: str) -> Check:
    (found,) = [one for one in decision.checks if one.name == name]
    return found


def told(store: Store) -> list[dict]:
    return [json.loads(line.details) for line in store.access.about("model dropout", ["model.promote"])]


def champion_of(store: Store) -> int:
    return store.registry.version_by_alias("dropout", "champion").version


def test_a_better_and_fair_challenger_is_promoted(store: Store, challenge: Challenge, judge: Judge) -> None:
    decision = judge(challenge(truth=1.2))
    assert decision.result == "promoted", decision
    assert decision.sentence == "Version 2 of 'dropout' is the champion now."
    assert champion_of(store) == 2
    line = told(store)[-1]
    assert (line["version"], line["from"], line["result"], line["because"]) == (2, 1, "promoted", "looks good")
    assert 0 < line["low"] < line["gain"] < line["high"]
    assert (line["look"], line["level"]) == (1, 0.025)
    assert line["p"] < 0.025
    assert store.access.verify().broken is None


def test_a_worse_challenger_is_refused_with_the_figures(store: Store, challenge: Challenge, judge: Judge) -> None:
    decision = judge(challenge(noise=2.0))
    assert decision.result == "refused"
    found = check(decision, "comparison")
    assert found.outcome == "failed"
    figures = r"0\.\d{4} against 0\.\d{4}, a gain of -0\.\d{4} \[-0\.\d{4}, -0\.\d{4}\] over [\d,]+ learners"
    assert re.search(rf"The challenger is worse on auc: {figures} \(p = ", decision.sentence)
    assert champion_of(store) == 1
    assert told(store)[-1]["result"] == "refused"
    assert told(store)[-1]["gain"] < 0


def test_an_unfair_challenger_is_refused_though_it_is_better(store: Store, challenge: Challenge, judge: Judge) -> None:
    decision = judge(challenge(truth=3.0, lift=1.5))
    assert check(decision, "comparison").outcome == "passed"
    found = check(decision, "fairness")
    assert (decision.result, found.outcome) == ("refused", "failed")
    assert re.search(
        r"The challenger is unfair: of \d+ gaps .*, \d+ grew\. gender: F against the others, ", found.sentence
    )
    assert "selection rate: the gap is " in " ".join(found.details)
    assert "is past the 15.0 points that the policy tolerates" in decision.sentence
    assert champion_of(store) == 1
    assert any(line.startswith("fairness: failed: ") for line in told(store)[-1]["checks"])


def test_an_equal_challenger_is_inconclusive(store: Store, challenge: Challenge, judge: Judge) -> None:
    decision = judge(challenge(noise=0.05))
    assert decision.result == "inconclusive"
    assert "Nobody can tell whether the challenger is better on auc: 0." in decision.sentence
    assert champion_of(store) == 1
    assert told(store)[-1]["result"] == "inconclusive"


def test_nobody_can_tell_is_no_silent_pass_but_a_person_may_answer_for_it(
    store: Store, challenge: Challenge, judge: Judge, home: Path
) -> None:
    version, file = challenge(truth=1.2), home / "region.csv"
    regions = ["rare" if i % 400 == 0 else "north" if i % 2 else "south" for i in range(2400)]
    file.write_text("\n".join(["learner,region", *(f"learner-{i},{one}" for i, one in enumerate(regions))]))
    asked = {"cohorts": file, "policy": PolicyFile(Policy(by=["region"], replicates=200, tolerance=0.2))}
    decision = judge(version, **asked)
    assert decision.result == "inconclusive"
    assert "region: rare against the others, false positive rate: fewer than 10 learners" in decision.sentence
    assert champion_of(store) == 1
    decided = judge(version, **asked, despite_unknown=True)
    assert decided.result == "promoted"
    assert decided.sentence == "Version 2 of 'dropout' is the champion now, though nobody can tell of its fairness."
    assert any(line.startswith("fairness: unknown") for line in told(store)[-1]["checks"])


def test_looks_at_the_same_data_are_paid_for(challenge: Challenge, judge: Judge) -> None:
    levels = [check(judge(challenge(noise=0.05, seed=seed)), "comparison").figures["level"] for seed in (1, 2, 3)]
    assert levels == pytest.approx([0.05 / 2, 0.05 / 6, 0.05 / 12])


def test_who_asks_again_hears_the_same(challenge: Challenge, judge: Judge) -> None:
    version = challenge(noise=0.05)
    first, again = judge(version), judge(version)
    assert check(first, "comparison") == check(again, "comparison")
    assert check(again, "comparison").figures["look"] == 1


def test_a_margin_lets_an_equal_challenger_pass(store: Store, challenge: Challenge, judge: Judge) -> None:
    decision = judge(challenge(noise=0.05), margin=0.02)
    assert decision.result == "promoted", decision.sentence
    assert "is not worse by more than 0.02 on auc" in check(decision, "comparison").sentence
    assert champion_of(store) == 2


def test_a_challenger_is_named_without_a_comparison(store: Store, challenge: Challenge, judge: Judge) -> None:
    decision = judge(challenge(noise=2.0), "challenger", without_audit="")
    assert (decision.result, [one.name for one in decision.checks]) == ("promoted", ["data"])
    assert store.registry.version_by_alias("dropout", "challenger").version == 2
    assert champion_of(store) == 1


def test_without_audit_or_reason_nobody_is_promoted(store: Store, challenge: Challenge, judge: Judge) -> None:
    version = challenge(truth=1.2)
    before = store.access.last_entry()
    with pytest.raises(
        UserError, match=r"^Version 2 of 'dropout' has no audit\. Make one \(attain audit \w{8}\), or say"
    ):
        judge(version, without_audit=" ")
    assert (champion_of(store), store.access.last_entry()) == (1, before)
    assert "the reason given is: a rehearsal" in check(judge(version), "audit").sentence


def test_an_audit_stands_with_its_gaps_and_who_signed(store: Store, challenge: Challenge, judge: Judge) -> None:
    version = challenge(truth=1.2)
    run = store.get_run(store.registry.version("dropout", version).tags["attain.run"])
    made = make_audit(store, Asked(run, PolicyFile(Policy(replicates=100, by=["gender"]))), "ada")
    assert "not signed by anybody" in check(judge(version, without_audit=""), "audit").sentence
    sign_audit(store, made.id, "read", "the Dean")
    again = register(store, run, "dropout", "ada")
    assert again.tags["attain.audit"] == made.id
    artifacts.log_bytes(store, run.run_id, b"{}", f"audit/{made.id}.json")
    with pytest.raises(UserError, match=f"Audit {made.id} is not as it was sealed"):
        judge(str(again.version), without_audit="")


def test_a_failed_run_is_refused_in_a_sentence(store: Store, champion: Run, judge: Judge) -> None:
    run = store.create_run("0", "broken")
    store.update_run(run.run_id, status="FAILED")
    store.registry.create_version("dropout", f"runs:/{run.run_id}/model", run.run_id)
    with pytest.raises(UserError, match=rf"^The run {run.run_id[:8]} of version 2 of 'dropout' is failed; only a fini"):
        judge("2")
    store.registry.create_version("dropout", "s3://elsewhere/model")
    with pytest.raises(UserError, match="Nobody knows which run version 3 of 'dropout' is of"):
        judge("3")


def test_other_data_are_not_compared(store: Store, challenge: Challenge, judge: Judge) -> None:
    version = challenge(truth=1.2)
    run_id = store.registry.version("dropout", version).tags["attain.run"]
    store.log_batch(run_id, tags={"attain.data_fingerprint": "another"})
    with pytest.raises(UserError, match="have not answered the same learners: their data differs"):
        judge(version)
    store.log_batch(run_id, tags={"attain.data_fingerprint": "", "attain.split": json.dumps({"by": "course"})})
    with pytest.raises(UserError, match="have not answered the same learners: their split differs"):
        judge(version)


def test_stale_data_are_refused(store: Store, challenge: Challenge, judge: Judge, champion: Run) -> None:
    version = challenge(truth=1.2)
    run = store.get_run(store.registry.version("dropout", version).tags["attain.run"])
    for one in (run, champion):
        store.log_batch(one.run_id, tags={"attain.data_fingerprint": "the same"})
    store.log_inputs(run.run_id, [DatasetInput("forum", "f1", source=json.dumps({"forum.csv": "old"}))])
    tags = {"attain.dataset": "forum", "attain.kind": "model"}
    later = store.create_run(run.experiment_id, "later", tags=tags, start_time=2**45)
    store.log_inputs(later.run_id, [DatasetInput("forum", "f2", source=json.dumps({"forum.csv": "new"}))])
    store.update_run(later.run_id, status="FINISHED")
    decision = judge(version)
    assert decision.result == "refused"
    assert f"The data are stale. forum: run {later.run_id[:8]} read other files of it later." in decision.sentence


def test_of_two_promotions_at_once_one_wins_and_the_other_is_told(
    store: Store, challenge: Challenge, judge: Judge
) -> None:
    versions = [challenge(truth=1.2), challenge(truth=1.3, name="newer")]
    start = threading.Barrier(2)

    def ask(version: str) -> Decision | Overtaken:
        start.wait()
        try:
            return judge(version)
        except Overtaken as error:
            return error

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(ask, versions))
    promoted = [one for one in found if isinstance(one, Decision) and one.result == "promoted"]
    assert len(promoted) >= 1
    last = [line for line in told(store) if line["result"] == "promoted"][-1]
    assert champion_of(store) == last["version"]
    for one in found:
        if isinstance(one, Overtaken):
            assert "somebody else was faster" in str(one)
    assert store.access.verify().broken is None


def test_a_move_without_a_decision_is_told(store: Store, challenge: Challenge, judge: Judge) -> None:
    store.registry.set_alias("dropout", "champion", challenge(noise=0.1, name="smuggled"))
    decision = judge(challenge(truth=1.5))
    assert decision.remarks[0].startswith(
        "The ledger says that champion was version 1; it was moved without a decision"
    )
    assert decision.remarks[0] in told(store)[-1]["remarks"]


def test_a_promotion_needs_a_reason_and_a_change(store: Store, champion: Run, judge: Judge) -> None:
    with pytest.raises(UserError, match="A promotion needs its reason"):
        promote(store, "dropout", "1", "champion", " ", "ada", Terms(None))  # type: ignore[arg-type]
    with pytest.raises(UserError, match="Version 1 of 'dropout' is the champion already"):
        judge("1")


def test_the_same_model_on_the_new_data_stands_in_for_the_champion(
    store: Store, challenge: Challenge, judge: Judge, champion: Run
) -> None:
    suite = store.create_run(champion.experiment_id, "suite")
    recipe = {"model.depth": "3"}
    store.log_batch(champion.run_id, params=recipe, tags={"attain.data_fingerprint": "old", "attain.model": "tree"})
    ids = []
    for truth, name in ((0.0, "champion again"), (1.2, "new")):
        version = store.registry.version("dropout", challenge(truth=truth, name=name))
        ids.append((version.version, version.tags["attain.run"]))
        store.log_batch(ids[-1][1], tags={"attain.data_fingerprint": "new", "mlflow.parentRunId": suite.run_id})
    store.log_batch(ids[0][1], params=recipe, tags={"attain.model": "tree"})
    decision = judge(str(ids[1][0]))
    assert decision.result == "promoted", decision.sentence
    assert decision.remarks == (
        "The champion's data differs, so the same model fitted on the challenger's data stands in for it "
        f"(run {ids[0][1][:8]}).",
    )


def test_what_cannot_be_compared_is_no_look(store: Store, challenge: Challenge, judge: Judge, home: Path) -> None:
    version, before = challenge(truth=1.2), store.access.last_entry()
    (home / "odd.csv").write_text("learner,region\nnobody,north\n")
    with pytest.raises(UserError, match="none of its 1 learners is in the predictions"):
        judge(version, cohorts=home / "odd.csv")
    with pytest.raises(UserError, match="calibration_intercept has no better side"):
        judge(version, metric="calibration_intercept")
    assert store.access.last_entry() == before
