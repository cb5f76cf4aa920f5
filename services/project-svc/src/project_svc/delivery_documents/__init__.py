"""Files that belong to a delivery: the evidence that a version fulfils the criteria."""
