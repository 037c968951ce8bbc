"""Sending a heavy file from Chromium to the product on an S3, beside a bare multipart upload by boto3."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config as ClientConfig

from benchmarks.measure import Line
from benchmarks.scene import Size, scene
from benchmarks.servers import served
from benchmarks.upload import AT_ONCE, MEGABYTE, send_by_chromium
from portfolio.files.uploads.s3_parts import PART
from tools.cluster.__main__ import free_ports
from tools.cluster.services import ACCESS_KEY, BUCKET, DOORS, s3_server

WANTED, TRIES, WEIGHTS = 0.7, 3, (100, 500)
SECRET = "secret-of-the-bench"  # noqa: S105


def measure() -> Iterator[Line]:
    """100 and 500 MB, through us and straight to the S3; the median of a few uploads of different files."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="acquis-s3-")))
        endpoint = opened.enter_context(s3_server(folder, SECRET, free_ports(len(DOORS))))
        bare = _client(endpoint)
        for name, settings in (("par nous", {}), ("droit au S3", {"S3_BROWSER_ENDPOINT": endpoint})):
            yield from _measured(name, s3_environment(endpoint) | settings, bare)


def _measured(name: str, environment: dict[str, str], bare: Any) -> Iterator[Line]:
    with environment_of(environment):
        size = Size(11, 40)
        with scene([size]) as made, served(made, 1) as [(port, _)]:
            for weight in WEIGHTS:
                put, sent = [], []
                for turn in range(TRIES):
                    source = made.config.data / "incoming" / f"banc-{weight}-{turn}.wav"
                    write_wav(source, weight * MEGABYTE)
                    put.append(_put(bare, source))
                    sent.append(send_by_chromium(made, made.dossiers[size], port, source))
                    source.unlink()
                reference, subject = statistics.median(put), statistics.median(sent)
                ratio = reference / subject
                shown = [f"{one * 1000:.0f} ms" for one in (reference, subject)]
                words, met = f"{ratio:.2f}".replace(".", ","), ratio >= WANTED
                yield Line(f"S3, {name} : {weight} Mo", *shown, words, f"≥ {WANTED}".replace(".", ","), met)


@contextmanager
def environment_of(settings: dict[str, str]) -> Iterator[None]:
    """Have the processes that are started meanwhile read these settings."""
    before = {one: os.environ.get(one) for one in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


def s3_environment(endpoint: str) -> dict[str, str]:
    """Return the settings of a product that keeps its files there."""
    return {
        "FILES_URL": f"s3://{BUCKET}/banc", "S3_ENDPOINT": endpoint, "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": ACCESS_KEY, "S3_SECRET_KEY": SECRET, "UPLOAD_LIMIT_MIB": "1024",
    }  # fmt: skip


def _client(endpoint: str) -> Any:
    settings = ClientConfig(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", config=settings,
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET,
    )  # fmt: skip


def _put(client: Any, source: Path) -> float:
    """Upload the file by boto3, in parts of the same size, as many at once."""
    transfer = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=AT_ONCE)
    began = time.perf_counter()
    client.upload_file(str(source), BUCKET, f"bare/{source.name}", Config=transfer)
    taken = time.perf_counter() - began
    client.delete_object(Bucket=BUCKET, Key=f"bare/{source.name}")
    return taken


def write_wav(path: Path, size: int) -> None:
    """Write a recording of noise, of so many bytes."""
    head = (
        b"RIFF"
        + (size + 36).to_bytes(4, "little")
        + b"WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data"
    )
    with path.open("wb") as file:
        file.write(head + size.to_bytes(4, "little"))
        for _ in range(size // MEGABYTE):
            file.write(os.urandom(MEGABYTE))
