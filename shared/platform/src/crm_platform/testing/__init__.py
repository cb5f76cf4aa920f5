"""What the tests of every service share; a pytest plugin, see :mod:`crm_platform.testing.plugin`."""
