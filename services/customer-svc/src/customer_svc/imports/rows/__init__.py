"""From the rows of a file to customers: which fields there are, what a row says, what is to be done about it; pure."""
