"""What is on record of projects, as it is reckoned with."""
