"""One person, one version, one route, one scope: admissibility, clocks, invitations."""
