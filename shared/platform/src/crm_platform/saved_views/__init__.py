"""Saved views: how somebody wants to see a list, kept, shared, and asked for by ``?view=``.

A service has the table (:func:`crm_platform.saved_views.tables.saved_views_table`), the routes
(:func:`crm_platform.saved_views.endpoints.saved_views_router`), and lists that take their parameters from
:func:`crm_platform.saved_views.use.list_params` in place of ``page_params``.
"""
