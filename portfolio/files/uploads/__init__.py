"""Resumable uploads: parts, byte ranges, running digests, on disk or as S3 multipart uploads."""
