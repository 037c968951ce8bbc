"""File storage: local folder or S3 bucket, one contract."""
