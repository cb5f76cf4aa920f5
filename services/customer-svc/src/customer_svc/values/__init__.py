"""Values that records of several slices hold: names, phones, e-mails, registration numbers; pure."""
