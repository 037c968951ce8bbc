"""The advisor's board and reading pages, their marks and notes, and the messages of both."""
