"""A real S3 on this machine, from its wheel: started by the tests, stopped as a power cut would, started again."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from portfolio.storage.place import Bucket

BUCKET, ACCESS_KEY, SECRET_KEY = "acquis", "acquis", "secret-of-a-test"
PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)
IDENTITY = {
    "name": "acquis",
    "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
    "actions": ["Admin", "Read", "Write", "List"],
}


class ObjectServer:
    """SeaweedFS with its S3 door, on loopback and free ports; what it keeps survives a stop."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="acquis-s3-", dir="/tmp"))
        self.ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.endpoint = f"http://127.0.0.1:{self.ports['s3.port']}"
        (self.folder / "data").mkdir()
        (self.folder / "s3.json").write_text(json.dumps({"identities": [IDENTITY]}))
        self.process: subprocess.Popen[bytes] | None = None
        settings = ClientConfig(
            connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
        )
        self.client = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", config=settings,
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        )  # fmt: skip

    def bucket(self, prefix: str) -> Bucket:
        """Our bucket, as the settings name it."""
        return Bucket(BUCKET, prefix, self.endpoint, "us-east-1", ACCESS_KEY, SECRET_KEY)

    def start(self) -> None:
        """Start it, and wait until it keeps a file."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self._command(), stdout=log, stderr=log, cwd=self.folder)
        until = time.monotonic() + 60
        while not self._keeps_a_file():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it at once: nothing is said to those who wait."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def forget(self) -> None:
        """Stop it and remove all that it kept."""
        self.stop()
        self.client.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keeps_a_file(self) -> bool:
        with contextlib.suppress(BotoCoreError, ClientError):
            with contextlib.suppress(self.client.exceptions.BucketAlreadyExists, self.client.exceptions.BucketAlreadyOwnedByYou):
                self.client.create_bucket(Bucket=BUCKET)
            self.client.put_object(Bucket=BUCKET, Key="ready", Body=b"x")
            return True
        return False

    def _command(self) -> list[str]:
        weed = Path(sysconfig.get_path("scripts")) / "weed"
        given = {
            "dir": self.folder / "data", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", **self.ports,
            "master.telemetry": "false", "master.volumeSizeLimitMB": 64, "master.electionTimeout": "1s", "master.heartbeatInterval": "100ms",
            "volume.max": 16, "volume.minFreeSpace": 0,
            "filer": "true", "filer.localSocket": self.folder / "filer.sock",
            "s3": "true", "s3.config": self.folder / "s3.json", "s3.localSocket": self.folder / "s3.sock",
            "s3.port.iceberg": 0, "s3.port.lance": 0, "s3.iam": "false", "s3.autoCreateBucket": "false",
        }  # fmt: skip
        return [str(weed), "-logtostderr=true", "server", *(f"-{name}={value}" for name, value in given.items())]


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on; all are held until all are known."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
