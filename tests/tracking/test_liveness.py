import multiprocessing
import os
import signal
import subprocess
import sys

from attain.tracking import liveness
from attain.tracking.entities import shown_status
from attain.tracking.liveness import is_gone, machine, now_ms, this_process


def test_this_process_lives_however_old_its_heartbeat_is() -> None:
    assert not is_gone(this_process(), heartbeat=0, now=now_ms())


def test_a_process_that_has_ended_is_gone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from attain.tracking.liveness import this_process; print(this_process())"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert is_gone(done.stdout.strip(), heartbeat=now_ms(), now=now_ms())


def test_a_killed_process_is_gone_before_its_parent_has_looked() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = f"{machine()}.{child.pid}.{liveness._started(child.pid)}"
    assert not is_gone(name, heartbeat=0, now=now_ms())
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, but still in the table of processes
    assert is_gone(name, heartbeat=now_ms(), now=now_ms())
    child.communicate()


def test_another_process_with_the_same_number_is_not_it() -> None:
    where, pid, started = this_process().split(".")
    assert is_gone(f"{where}.{pid}.{int(started) - 1}", heartbeat=now_ms(), now=now_ms())


def test_on_another_machine_only_the_heartbeat_counts() -> None:
    assert not is_gone("elsewhere.1.1", heartbeat=1_000, now=61_000)
    assert is_gone("elsewhere.1.1", heartbeat=1_000, now=61_001)


def test_what_nobody_attends_is_never_gone() -> None:
    assert not is_gone(None, None, now_ms())


def test_a_child_process_has_another_name() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(this_process) != this_process()


def test_killed_and_abandoned_runs_are_shown_as_interrupted() -> None:
    now = now_ms()
    assert shown_status("RUNNING", this_process(), now, now) == "running"
    assert shown_status("RUNNING", "elsewhere.1.1", now - 60_001, now) == "interrupted"
    assert shown_status("KILLED", None, None, now) == "interrupted"
    assert shown_status("FINISHED", "elsewhere.1.1", 0, now) == "finished"
    assert shown_status("FAILED", None, None, now) == "failed"
    assert shown_status("SCHEDULED", "elsewhere.1.1", 0, now) == "scheduled"
