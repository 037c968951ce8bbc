"""Sandbox: processes that open the files of other people, with limits of memory, time, disk and network."""
