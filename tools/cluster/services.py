"""A real PostgreSQL and a real S3 from their wheels, for a trial on one machine: on real machines they are
someone's service.
"""

import contextlib
import json
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy import Connection, create_engine, text

from portfolio.run.supervisor import Command, supervise
from tools.cluster.postgresql import postgresql_server

DATABASE, OWNER, APPLICATION = "acquis", "acquis_owner", "acquis"
BUCKET, ACCESS_KEY = "acquis", "acquis"
_SECONDS = 60
# Asked to end, the S3 server waits 25 seconds for streams of its own; its client is gone, and what it
# answered is kept.
_PATIENCE = 3.0
# The doors of the S3 server; only that of S3 is knocked at.
DOORS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)


@dataclass(frozen=True)
class Addresses:
    """Where the database is, for its owner and for the application."""

    owner: str
    application: str


@contextlib.contextmanager
def postgresql(folder: Path, secret: str) -> Iterator[Addresses]:
    """Run PostgreSQL on this folder, with the database, its owner and the role of the application; stop it at
    the end.
    """
    with postgresql_server(folder, revived=True) as server:
        admin = server.set(drivername="postgresql+psycopg")
        engine = create_engine(admin, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            _make_roles(connection, secret)
        engine.dispose()
        ours = admin.set(drivername="postgresql", database=DATABASE, password=secret)
        yield Addresses(*(ours.set(username=one).render_as_string(hide_password=False) for one in (OWNER, APPLICATION)))


def _make_roles(connection: Connection, secret: str) -> None:
    known = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
    for role in {OWNER, APPLICATION} - known:
        connection.execute(text(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{secret}'"))  # hexadecimal: nothing to escape
    if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE}):
        connection.execute(text(f'CREATE DATABASE "{DATABASE}" OWNER "{OWNER}"'))


@contextlib.contextmanager
def s3_server(folder: Path, secret: str, ports: Sequence[int]) -> Iterator[str]:
    """Run an S3 on this folder and these ports, with the bucket; answer its address, and stop it at the end."""
    doors = dict(zip(DOORS, ports, strict=True))
    address = f"http://127.0.0.1:{doors['s3.port']}"
    with supervise(
        Command("s3", seaweedfs_command(folder, secret, doors), quiet=folder / "log", stop_timeout=_PATIENCE)
    ):
        _wait_for(address, secret)
        yield address


def seaweedfs_command(folder: Path, secret: str, doors: Mapping[str, int]) -> list[str]:
    """Return the command of the S3 server, on loopback only; its folder and its keys are made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    (folder / "data").mkdir(exist_ok=True)
    credentials = [{"accessKey": ACCESS_KEY, "secretKey": secret}]
    identity = {"name": "acquis", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "s3.json").chmod(0o600)
    given = {
        "dir": folder / "data", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", **doors,
        "master.telemetry": "false", "master.volumeSizeLimitMB": 1024,  # 32 volumes: 32 GB
        "master.electionTimeout": "1s", "master.heartbeatInterval": "100ms",
        "volume.max": 32, "volume.minFreeSpace": 0,
        "filer": "true", "filer.localSocket": folder / "filer.sock",
        "s3": "true", "s3.config": folder / "s3.json", "s3.localSocket": folder / "s3.sock",
        "s3.port.iceberg": 0, "s3.port.lance": 0, "s3.iam": "false", "s3.autoCreateBucket": "false",
    }  # fmt: skip
    program = Path(sysconfig.get_path("scripts")) / "weed"
    return [str(program), "-logtostderr=true", "server", *(f"-{name}={value}" for name, value in given.items())]


def _wait_for(address: str, secret: str) -> None:
    settings = ClientConfig(
        connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
    )
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", config=settings,
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=secret,
    )  # fmt: skip
    until = time.monotonic() + _SECONDS
    while True:
        try:
            with contextlib.suppress(client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou):
                client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"x")
        except (BotoCoreError, ClientError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            client.close()
            return
