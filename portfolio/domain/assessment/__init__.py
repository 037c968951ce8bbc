"""Assessments of the routes without a livret 2: what is planned, what was assessed, cohorts, the record a
jury reads.
"""
