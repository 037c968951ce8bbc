"""The six candidates of the demonstration, invented, each with their trade and their words."""
