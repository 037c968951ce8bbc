"""The marks around bold words in the values of a template: characters of private use, which `filling` turns
into bold runs.
"""

BOLD_START, BOLD_END = "\ue000", "\ue001"
