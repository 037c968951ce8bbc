"""The whole installation of several machines on one: PostgreSQL, S3, several web processes, a worker, nginx
in front.
"""
