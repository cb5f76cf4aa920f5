"""Rules of the public pool (公海): how much a person may claim, when customers return, what is hidden until then."""
