"""Which files are never taken into a run as its code: secrets, data, and what is too large."""

from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from attain.tracking.git import CODE

LARGEST_FILE = 1 << 20
"""Bytes of one file that is taken."""
LARGEST_TREE = 20 << 20
"""Bytes of all files that are taken."""

_SECRETS = (
    ".env*",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
    "*.asc",
    "*.gpg",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".htpasswd",
    "*credentials*",
    "secret.*",
    "secrets.*",
    "*.secret",
    "*.secrets",
    "*_secret.*",
    "*_secrets.*",
    "service-account*.json",
    "service_account*.json",
)
_SECRET_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".secrets", "secrets"})
_DATA = [
    ".csv",
    ".tsv",
    ".parquet",
    ".feather",
    ".arrow",
    ".avro",
    ".orc",
    ".npy",
    ".npz",
    ".pkl",
    ".pickle",
    ".joblib",
    ".h5",
    ".hdf5",
    ".sqlite",
    ".sqlite3",
    ".db",
    ".duckdb",
    ".jsonl",
    ".ndjson",
    ".zip",
    ".gz",
    ".bz2",
    ".xz",
    ".zst",
    ".7z",
    ".tar",
    ".tgz",
    ".xls",
    ".xlsx",
    ".ods",
    ".sav",
    ".dta",
    ".rds",
    ".rda",
    ".rdata",
    ".mat",
    ".pt",
    ".pth",
    ".ckpt",
    ".safetensors",
    ".onnx",
    ".skops",
    ".log",
]


def kept_out(path: str, size: int, *, known: bool) -> str:
    """Why a file is not taken; "" where it is.

    Args:
        path: relative to the repository, with `/`.
        size: its bytes.
        known: whether git knows the file; of those that it does not know only code and settings are taken.

    >>> kept_out("src/model.py", 100, known=False), kept_out("deploy/.env.local", 10, known=True)
    ('', 'it may hold a secret')
    """
    plain = PurePosixPath(path.lower())
    if any(fnmatchcase(plain.name, pattern) for pattern in _SECRETS) or _SECRET_FOLDERS & set(plain.parts[:-1]):
        return "it may hold a secret"
    if plain.suffix in _DATA:
        return "it is data"
    if size > LARGEST_FILE:
        return f"it is larger than {LARGEST_FILE >> 20} MiB"
    if not known and plain.suffix not in CODE:
        return "git does not know it, and it is not code"
    return ""
