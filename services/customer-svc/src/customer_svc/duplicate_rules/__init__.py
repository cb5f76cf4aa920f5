"""Per company: from which score on customers count as duplicates, and what follows."""
