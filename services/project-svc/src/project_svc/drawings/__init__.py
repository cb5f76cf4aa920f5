"""Charts of project figures; see :mod:`crm_platform.charts`."""
