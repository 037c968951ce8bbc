"""The restore drill beyond one machine: pgBackRest copies PostgreSQL, the bucket keeps its versions, and the
signed manifest of the product proves what was restored.

`python -m benchmarks.continuous_backup`, with pgBackRest installed. RESTORE_FILES and RESTORE_BYTES are those
of the drill on one machine.
"""

import json
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import psycopg
from botocore.config import Config as ClientConfig

from benchmarks import restore_drill
from benchmarks.measure import Line, table
from benchmarks.restore_drill import entries, fill, heads_until, in_seconds, is_proven, line, run, server, work_on
from portfolio.backup.repository import BackupKey
from portfolio.domain.ledger.checkpoints import HEADS_FILE
from tools.cluster.__main__ import free_ports
from tools.cluster.postgresql import postgresql_programs
from tools.cluster.services import ACCESS_KEY, BUCKET, DOORS, s3_server

MISSING = "Cet exercice demande pgBackRest. Sous Debian : apt-get install pgbackrest."
_OVERWRITTEN = 10
_PGBACKREST = """[global]
repo1-path={folder}/repository
repo1-retention-full=2
log-path={folder}
spool-path={folder}/spool
start-fast=y
lock-path={folder}/lock
log-level-console=warn
process-max=2
[acquis]
pg1-path={folder}/data
pg1-socket-path={folder}
pg1-port=5432
pg1-user=postgres
"""
_POSTGRESQL = """
listen_addresses = ''
unix_socket_directories = '{folder}'
archive_mode = on
archive_command = 'pgbackrest --config={folder}/pgbackrest.conf --stanza=acquis archive-push %p'
"""


def main() -> None:
    """Back up, lose everything, restore, prove; the status is 0 when the manifest agrees."""
    if shutil.which("pgbackrest") is None:
        sys.exit(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="acquis-bench-"))
    folder.chmod(0o755)
    lines = []
    try:
        for one in _drill(folder):
            print(f"{one.measure} : {one.subject}", file=sys.stderr, flush=True)
            lines.append(one)
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)
    print(table(lines))
    sys.exit(any(one.met is False for one in lines))


class _PostgreSQL:
    """PostgreSQL and its pgBackRest in a folder, run by an account without rights when root starts them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self._bin = Path(postgresql_programs())
        self._as: dict[str, Any] = {}
        folder.mkdir()
        if os.geteuid() == 0:
            account = pwd.getpwnam("nobody")
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()}
            os.chown(folder, account.pw_uid, account.pw_gid)
        self._conf = folder / "pgbackrest.conf"
        self._conf.write_text(_PGBACKREST.format(folder=folder))
        self._said(self._bin / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(_POSTGRESQL.format(folder=folder))

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it takes writes: what it has to read again may take long."""
        self._said(self._bin / "pg_ctl", "-D", self.data, "-l", self.folder / "said", "-w", "-t", "3600", "start")
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url) as connection:
                if connection.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,):
                    return
            time.sleep(0.2)

    def stop(self, how: str) -> None:
        """Stop it; `immediate` as a power cut would."""
        self._said(self._bin / "pg_ctl", "-D", self.data, "-w", "-m", how, "stop")

    def pgbackrest(self, *command: str) -> float:
        """Run pgBackRest; return its seconds."""
        began = time.perf_counter()
        self._said("pgbackrest", f"--config={self._conf}", "--stanza=acquis", *command)
        return time.perf_counter() - began

    def _said(self, *command: str | Path) -> None:
        with (self.folder / "commands").open("ab") as said:
            done = subprocess.run(command, cwd=self.folder, stdout=said, stderr=said, check=False, **self._as)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"{command}: {(self.folder / 'commands').read_text()[-2000:]}")


class _Bucket:
    """The bucket, whose versions are kept."""

    def __init__(self, endpoint: str, secret: str) -> None:
        self._client = boto3.client(
            "s3", endpoint_url=endpoint, region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=secret,
            config=ClientConfig(s3={"addressing_style": "path"}),
        )  # fmt: skip
        enabled = {"Status": "Enabled"}
        self._client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=enabled)

    def lose(self) -> int:
        """Delete every file as somebody would who holds the key of the bucket, after overwriting some."""
        keys = [found["Key"] for found in self._listed("list_objects_v2", "Contents")]
        for key in keys[:_OVERWRITTEN]:
            self._client.put_object(Bucket=BUCKET, Key=key, Body=b"lost")
        self._delete([{"Key": key} for key in keys])
        return len(keys)

    def bring_back(self, until: datetime) -> None:
        """Remove the marks and the versions that came after this moment."""
        later = [
            {"Key": found["Key"], "VersionId": found["VersionId"]}
            for kind in ("DeleteMarkers", "Versions")
            for found in self._listed("list_object_versions", kind)
            if found["LastModified"] > until
        ]
        self._delete(later)

    def _listed(self, operation: str, kind: str) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator(operation).paginate(Bucket=BUCKET):
            yield from page.get(kind, ())

    def _delete(self, names: list[dict[str, str]]) -> None:
        for start in range(0, len(names), 500):
            self._client.delete_objects(Bucket=BUCKET, Delete={"Objects": names[start : start + 500], "Quiet": True})


def _drill(folder: Path) -> Iterator[Line]:
    live, heads, secret = folder / "live", folder / "heads", secrets.token_hex(16)
    for made in (live, heads):
        made.mkdir()
    postgresql = _PostgreSQL(folder / "postgresql")
    postgresql.start()
    try:
        with s3_server(folder / "s3", secret, free_ports(len(DOORS))) as endpoint:
            restore_drill.SETTINGS.update(
                DATABASE_URL=postgresql.url, FILES_URL=f"s3://{BUCKET}/acquis", S3_ENDPOINT=endpoint,
                S3_REGION="us-east-1", S3_ACCESS_KEY=ACCESS_KEY, S3_SECRET_KEY=secret,
            )  # fmt: skip
            yield from _lose_and_restore(folder, live, heads, postgresql, _Bucket(endpoint, secret))
    finally:
        if postgresql.data.exists():
            postgresql.stop("immediate")


def _lose_and_restore(
    folder: Path, live: Path, heads: Path, postgresql: _PostgreSQL, bucket: _Bucket
) -> Iterator[Line]:
    numbers, manifest = fill(live, heads), folder / "manifest.json"
    size = restore_drill.FILES * restore_drill.SIZE / 1e9
    found = f"{len(numbers)} certificats, {entries(live, heads)} actes"
    yield line(f"installation : {restore_drill.FILES} fichiers, {size:.1f} Go", found, None)
    postgresql.pgbackrest("stanza-create")
    yield line("pgBackRest, sauvegarde complète", in_seconds(postgresql.pgbackrest("--type=full", "backup")), None)
    seconds, _said = run(live, heads, "consistency-manifest", str(manifest))
    yield line("consistency-manifest", in_seconds(seconds), None)
    seconds = postgresql.pgbackrest("--type=incr", "backup")
    yield line("pgBackRest, sauvegarde incrémentale", in_seconds(seconds), None)
    held = json.loads(manifest.read_text().splitlines()[0])
    before = entries(live, heads)
    work_on(live, heads)  # acts that no backup has: the heads kept elsewhere name them
    head = folder / "head.log"
    head.write_text(heads_until(heads / HEADS_FILE, before))
    time.sleep(1.1)  # a bucket tells its moments to the second
    public = BackupKey.load(live).public
    postgresql.stop("immediate")
    shutil.rmtree(postgresql.data)
    lost = bucket.lose()
    began = time.perf_counter()
    target = ("--type=lsn", f"--target={held['position']}", "--target-action=promote")
    seconds = postgresql.pgbackrest(*target, "restore") + _timed(postgresql.start)
    yield line("pgBackRest, restauration jusqu’au manifeste", in_seconds(seconds), None)
    seconds = _timed(lambda: bucket.bring_back(datetime.fromisoformat(held["made_at"])))
    yield line(f"versions d’avant de {lost} objets, dont {_OVERWRITTEN} écrasés", in_seconds(seconds), None)
    with server(live, heads) as address:
        yield line("RTO : jusqu’à la première page", in_seconds(time.perf_counter() - began), None)
        asked = numbers[: restore_drill.CERTIFICATES]
        proven = sum(is_proven(address, number) for number in asked)
    yield line("certificats qui se vérifient", f"{proven} sur {len(asked)}", proven == len(asked))
    checks = (
        ("check-consistency", str(manifest), "--signed-by", public),
        ("check-ledger", "--head", str(head)),
        ("check-files",),
    )
    for command in checks:
        seconds, said = run(live, heads, *command)
        yield line(command[0], in_seconds(seconds), True)
        print(said, file=sys.stderr)


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
