"""What is granted for ever, on which grounds, and how anyone can check it."""
