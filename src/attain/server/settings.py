"""What can be set about the server; `configs/server.yaml` says each one again, for people."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Settings of `attain server`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    """The address to listen on; any but this machine's own demands access control."""
    port: int = 5000
    """The port to listen on; 0 takes a free one."""
    workers: int = 1
    """Processes that answer. Several of them pay with PostgreSQL; SQLite has one writer at a time anyway."""
    store: str | None = None
    """The address of the store; `ATTAIN_TRACKING_URI`, else a SQLite file in attain's home, if not given."""
    artifacts: str | None = None
    """Where the contents of artifacts lie: a folder, or `s3://bucket/prefix`, `gs://…`, `az://…`; `ATTAIN_ARTIFACTS`,
    else a folder `artifacts` beside the store, if not given."""
    threads: int = 8
    """Threads of each worker that wait for the store."""
    most_body: int = 64 << 20
    """The largest body of a request that is not an artifact, in bytes."""
    most_artifact: int = 0
    """The largest artifact that is taken, in bytes; 0 for no limit."""
    log_json: bool = False
    """Log a JSON object a line, for machines."""
