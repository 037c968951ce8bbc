"""Create the file store of this installation: a local folder, or an S3 bucket."""

from urllib.parse import urlsplit

from config import Config
from portfolio.files.storage.bucket import S3Settings
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import FileStore
from portfolio.files.uploads.partial import PartialUploads
from portfolio.files.uploads.partial_uploads import PartialUploads as LocalPartialUploads


def create_store(config: Config) -> FileStore:
    """Answer the store that the settings name; raises ValueError for an address that is neither empty nor `s3://…`."""
    if not config.files_url:
        return LocalStore(config.files)
    # Its library is heavy: an installation on one machine does not wait for it.
    from portfolio.files.storage.s3 import S3Store

    return S3Store(bucket_of(config))


def uploads_for(config: Config) -> PartialUploads:
    """Return the place of the unfinished uploads: beside the local store, or in the bucket; raises ValueError
    as `create_store`.
    """
    if not config.files_url:
        return LocalPartialUploads(config.parts)
    from portfolio.files.uploads.s3_parts import S3Parts

    return S3Parts(bucket_of(config), config.s3_browser_endpoint)


def bucket_of(config: Config) -> S3Settings:
    """Read `s3://bucket/prefix`; raises ValueError for anything else."""
    parts = urlsplit(config.files_url)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError("FILES_URL must be empty, or s3://bucket/prefix")
    return S3Settings(
        name=parts.netloc,
        prefix=parts.path.strip("/"),
        endpoint=config.s3_endpoint,
        region=config.s3_region,
        access_key=config.s3_access_key,
        secret_key=config.s3_secret_key,
    )
