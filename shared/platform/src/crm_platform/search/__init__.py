"""Search by words, in Chinese as in English, that keeps its index under row-level security (decision 0020).

A slice says in ``models.py`` which members are searched (``declare.Search``), adds ``declare.searchable()`` to
its table, and gives the former to its ``Aggregate``; its list then takes ``q``, ``match`` and ``sort=-relevance``.
"""
