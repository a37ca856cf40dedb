import json

from attain.audit.signatures import signature, signatures_sentence


def signed(day: int) -> dict[str, str]:
    details = json.dumps({"audit": f"a{day}", "run": "r" * 32, "because": "read", "experiment": "1"})
    return signature(details, "Ada, Dean", day * 86_400_000)


def test_a_signature_has_the_day_on_which_it_was_given() -> None:
    assert signed(0) == {"audit": "a0", "run": "r" * 32, "by": "Ada, Dean", "on": "1970-01-01", "because": "read"}


def test_the_newest_signatures_are_told_and_the_others_counted() -> None:
    said = signatures_sentence([signed(day) for day in range(5)])
    assert said.startswith("Audit a4 (run rrrrrrrr) was signed by Ada, Dean on 1970-01-05: “read”. Audit a3")
    assert said.endswith("2 earlier signatures are in the record.")
    assert "a1" not in said


def test_that_nobody_signed_is_said() -> None:
    assert "No earlier audit" in signatures_sentence([])


def test_a_long_reason_is_cut_for_the_page() -> None:
    said = signatures_sentence([signed(0) | {"because": "because " * 100}])
    assert said.endswith("because …”.")
    assert len(said) < 300
