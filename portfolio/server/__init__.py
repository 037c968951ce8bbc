"""The HTTP server: waitress, with two bug fixes, the bounds of requests without a session, and French error
pages.
"""
