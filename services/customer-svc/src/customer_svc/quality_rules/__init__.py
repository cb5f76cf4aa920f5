"""Rules of data quality: what has to be true of a customer's data, and the ready-made ones."""
