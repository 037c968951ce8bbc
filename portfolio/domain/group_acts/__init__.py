"""Group acts: one act ordered for many candidacies, carried out one by one."""
