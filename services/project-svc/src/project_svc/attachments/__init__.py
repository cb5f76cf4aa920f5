"""Documents of any record of a project: added, found, handed out and removed by whoever may do so with the record."""
