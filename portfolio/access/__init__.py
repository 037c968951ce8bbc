"""Access control: policy, guards of views, logged-in user, record of accesses."""
