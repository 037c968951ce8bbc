"""What leaves the house on paper: documents, their signatures, the notification of a result."""
