"""Composed views: one answer made of parts that several services own."""
