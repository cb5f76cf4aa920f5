"""The public pool (公海): customers without an owner, whom everybody sees in part and may claim."""
