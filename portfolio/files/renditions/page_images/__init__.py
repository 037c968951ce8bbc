"""Pages of kept files as images of our own, drawn in a limited child process: what people read instead of the
original.
"""
