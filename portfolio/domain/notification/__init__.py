"""Documents of a certifying body: their signatures and the notification of a result."""
