"""Use cases of assessments: the plan of a version, the results of a candidacy, cohorts, the record sealed for
a jury.
"""
