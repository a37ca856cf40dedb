"""The audit's page in a browser: what is for those who decide is two sheets of paper, and nothing is fetched."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from attain.audit.policy import Policy, PolicyFile
from attain.audit.report import render
from attain.suite.audits import Asked, make_audit
from attain.testing.audits import at_risk_run
from attain.tracking.store import open_database

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None, reason=f"no browser is installed ({', '.join(BROWSERS)}): apt install chromium"
    ),
]


@pytest.fixture
def record(home: Path) -> dict[str, Any]:
    store = open_database()
    run = at_risk_run(store, home / ".attain" / "cache", learners=1500, bias=1.5)
    policy = PolicyFile(Policy(replicates=100, decided_by="the board of studies, 3 March"))
    return make_audit(store, Asked(run, policy), "tests").record


def browse(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home / 'browser'}"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done


def pages(home: Path, html: str) -> int:
    (home / "page.html").write_text(html, encoding="utf-8")
    browse(home, "--no-pdf-header-footer", f"--print-to-pdf={home / 'page.pdf'}", str(home / "page.html"))
    return len(re.findall(rb"/Type\s*/Page\b", (home / "page.pdf").read_bytes()))


def test_the_part_for_those_who_decide_prints_on_two_sheets(home: Path, record: dict[str, Any]) -> None:
    html = render(record)
    whole = pages(home, html)
    assert whole > 2
    assert pages(home, re.sub(r'<section id="evidence".*</section>', "", html, flags=re.DOTALL)) == 2
    assert pages(home, re.sub(r'<section id="tell".*</section>', "", html, flags=re.DOTALL)) == 1


def test_the_browser_sees_what_the_record_says_and_asks_nobody_for_anything(home: Path, record: dict[str, Any]) -> None:
    (home / "page.html").write_text(render(record), encoding="utf-8")
    log = home / "net.json"
    seen = browse(home, "--dump-dom", f"--log-net-log={log}", str(home / "page.html")).stdout
    rate = record["results"]["tables"][0]["cohorts"][0]["rates"]["false_discovery_rate"]
    assert f"{rate['count']:,} of {rate['n']:,} flagged people" in seen
    assert seen.count("<svg") == 6
    asked = {
        event["params"]["url"] for event in json.loads(log.read_text())["events"] if "url" in event.get("params", {})
    }
    assert not [url for url in asked if "page.html" not in url and not _of_the_browser_itself(url)]


def _of_the_browser_itself(url: str) -> bool:
    """Chromium asks its maker for updates of its own, whatever page it shows."""
    return bool(re.match(r"https?://[\w.-]*(?:google|googleapis|gvt1|gstatic)\.com[:/]|chrome|about:|data:", url))
