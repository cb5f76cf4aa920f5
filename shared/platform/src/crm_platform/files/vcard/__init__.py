"""vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), read and written as a stream.

A card is an object of its properties, the same for all versions. Text properties (``fn``, ``title``, ``note``,
``uid`` …) are texts;
``n`` and ``adr`` are objects of their parts; ``org``, ``nickname`` and ``categories`` are lists of texts;
``tel``, ``email``, ``adr``, ``url`` and ``impp`` are lists, because a card has several, of objects with ``value`` (or
the parts), ``types`` in lower case, ``pref`` where one is preferred, and ``label`` where one has a name of its own.
All other properties are lists of texts under their own name in lower case.
"""
