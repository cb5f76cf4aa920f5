"""Imports: customers out of files, with a dry run, a report for each row, and a way back."""
