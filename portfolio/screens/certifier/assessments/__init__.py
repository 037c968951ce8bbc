"""Pages of assessments: the plan of a version, cohorts, the results of a candidacy."""
