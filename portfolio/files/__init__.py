"""Places that keep files under keys the application chose, and never overwrite one."""
