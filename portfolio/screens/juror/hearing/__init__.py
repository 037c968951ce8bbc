"""The pages of the jury: the certifier's sessions, the juror's reading, the president's decisions."""
