"""Files that belong to records of a project: evidence, minutes, drawings; each in versions."""
