"""Files of other formats made into pages or into a recording that a browser plays, in a sandbox, for people
to read here.
"""
