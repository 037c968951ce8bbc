"""Pages of assessments: the plan of a version, cohorts, the results of a candidacy, the candidate's path."""

from portfolio.assessment.views import cohorts, paths, plans, records
from portfolio.assessment.views.blueprint import bp

__all__ = ["bp", "cohorts", "paths", "plans", "records"]
