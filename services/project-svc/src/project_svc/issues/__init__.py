"""Issues and defects of projects: from when they are found until that they are gone was verified."""
