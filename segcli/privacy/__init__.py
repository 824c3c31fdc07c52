"""What is held of a person, and how it is taken away for good."""
