"""A real S3 on this machine, from its wheel: started by the tests, stopped as a power cut would, started again."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError

from config import Config
from portfolio.files.storage.bucket import S3Settings
from tests.places import place_for_a_server
from tools.cluster.__main__ import free_ports
from tools.cluster.services import ACCESS_KEY, BUCKET, DOORS, seaweedfs_command

SECRET_KEY = "secret-of-a-test"


def kept_in(config: Config, bucket: S3Settings) -> Config:
    """Return these settings with the files in a bucket."""
    return config.with_changes(
        files_url=f"s3://{bucket.name}/{bucket.prefix}",
        s3_endpoint=bucket.endpoint,
        s3_region=bucket.region,
        s3_access_key=bucket.access_key,
        s3_secret_key=bucket.secret_key,
    )


class ObjectServer:
    """SeaweedFS with its S3 door, on loopback and free ports; what it keeps survives a stop."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="acquis-s3-", dir=place_for_a_server()))
        self.ports = dict(zip(DOORS, free_ports(len(DOORS)), strict=True))
        self.endpoint = f"http://127.0.0.1:{self.ports['s3.port']}"
        self.process: subprocess.Popen[bytes] | None = None
        settings = ClientConfig(
            connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
        )
        self.client = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", config=settings,
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        )  # fmt: skip

    def bucket(self, prefix: str) -> S3Settings:
        """Our bucket, as the settings name it."""
        return S3Settings(BUCKET, prefix, self.endpoint, "us-east-1", ACCESS_KEY, SECRET_KEY)

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
            with contextlib.suppress(
                self.client.exceptions.BucketAlreadyExists, self.client.exceptions.BucketAlreadyOwnedByYou
            ):
                self.client.create_bucket(Bucket=BUCKET)
            self.client.put_object(Bucket=BUCKET, Key="ready", Body=b"x")
            return True
        return False

    def _command(self) -> list[str]:
        return seaweedfs_command(self.folder, SECRET_KEY, self.ports)
