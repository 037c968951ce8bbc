"""Background tasks: rows are the queue, workers poll them; heartbeats tell whether a worker runs."""
