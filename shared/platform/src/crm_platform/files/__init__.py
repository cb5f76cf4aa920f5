"""Tabular files in and out: CSV, XLSX, JSON Lines, vCard and Parquet as streams of rows in bounded memory.

Readers (:func:`crm_platform.files.formats.open_rows`) give rows with their place and go on from a durable
:class:`~crm_platform.files.rows.Mark`. Writers (:mod:`crm_platform.files.writing`) turn batches of rows into bytes as
they come, so that an answer, a file and an object store are fed alike.
"""
