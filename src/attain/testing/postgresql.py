"""A throw-away PostgreSQL for tests and benchmarks: its own folder, no port, gone when the process that made it is."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 60.0
SERVER = """
"$@" </dev/null >server.log 2>&1 &
cat >/dev/null
kill -QUIT $!
wait
rm -rf "$PWD"
"""
"""Ends the server and removes its folder when its standard input closes, as it does however its holder ends."""

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "deadlock_timeout": "50ms",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
}
"""Fast and forgetful: what a test writes need not outlive the machine."""

PASSWORD_ROLE = "locked"
"""A role that must give a password; everyone else is trusted."""


class NotInstalled(Exception):  # noqa: N818 - it says what is wrong
    """There is no PostgreSQL server on this machine."""


def server_programs() -> Path:
    """The folder with `initdb` and `postgres`: the newest of Debian's, or wherever `pg_config` or the path says.

    Raises:
        NotInstalled: there is none.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    asked = []
    if config := shutil.which("pg_config"):
        asked = [Path(subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())]
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    for folder in (*debian, *asked, *on_path):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NotInstalled(
        "PostgreSQL is not installed: neither /usr/lib/postgresql, pg_config nor the path has its server. "
        "On Debian: apt-get install postgresql."
    )


@contextmanager
def running_cluster() -> Iterator[str]:
    """Start a new server; its address without a database, such as `postgresql://attain@/{database}?host=/tmp/…`.

    Text sorts by the rules of a language (where the server can), as in most teams' databases, so that tests notice
    what relies on the order of bytes.

    Raises:
        NotInstalled: there is no PostgreSQL.
    """
    programs = server_programs()
    folder = Path(tempfile.mkdtemp(prefix="attain-pg-"))
    user = _unprivileged()
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        _make(programs, folder, user)
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *options]
        with _as(user, ["sh", "-c", SERVER, "sh", *command], folder, stdin=subprocess.PIPE) as server:
            try:
                _wait(server, folder)
                yield f"postgresql://attain@/{{database}}?host={folder}"
            finally:
                assert server.stdin is not None
                server.stdin.close()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    version = int(programs.parent.name) if programs.parent.name.isdigit() else 0
    language = ["--locale-provider=icu", "--icu-locale=en-US"] if version >= 15 else []
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "attain", "-A", "trust", "--no-sync"]
    command += ["--encoding=UTF8", "--locale=C", *language]
    with _as(user, command, folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as made:
        said, _ = made.communicate()
    if made.returncode:
        raise RuntimeError(f"initdb failed: {said.decode()}")
    rules = folder / "data" / "pg_hba.conf"
    rules.write_text(f"local all {PASSWORD_ROLE} scram-sha-256\nlocal all all trust\n")


def _wait(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(host=str(folder), user="attain", dbname="postgres").close()
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"PostgreSQL did not start: {error}\n{(folder / 'server.log').read_text()}"
                ) from error
            time.sleep(0.02)
        else:
            return


def _unprivileged() -> pwd.struct_passwd | None:
    """The user to run the server as; None for ourselves. The server refuses to be root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as(
    user: pwd.struct_passwd | None,
    command: list[str],
    folder: Path,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
    stderr: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a program in `folder` as another user, away from the terminal's signals."""
    uid, gid = (user.pw_uid, user.pw_gid) if user else (None, None)
    return subprocess.Popen(
        command,
        cwd=folder,
        user=uid,
        group=gid,
        extra_groups=[] if user else None,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
    )
