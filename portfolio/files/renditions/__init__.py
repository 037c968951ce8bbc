"""Renditions of uploaded files: the worker, page images, copies without location."""
