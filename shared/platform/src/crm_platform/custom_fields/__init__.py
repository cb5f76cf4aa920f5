"""Custom fields: what a company keeps of its records beside what everybody does.

A table has the columns (:func:`crm_platform.custom_fields.columns.custom_columns`), its aggregate says
``custom=CustomPart(...)``, its state has ``custom``, and the service has the tables of the definitions and the routes
(:func:`crm_platform.custom_fields.endpoints.custom_fields_router`). All else follows: whatever writes a record goes
through the unit of work, which checks and completes the values; whatever reads it goes through a resource, which knows
the fields of the company that asks. See ADR 0030.
"""
