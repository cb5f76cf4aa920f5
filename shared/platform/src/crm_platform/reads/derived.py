"""Views that are made of other views, once for each."""

from collections import OrderedDict
from collections.abc import Callable

from crm_platform.reads.resource import Resource

_MOST = 256


class Derived:
    """Makes views of resources, and keeps those that were asked for last: companies have views of their own."""

    def __init__(self, make: Callable[[Resource], Resource]) -> None:
        self._make = make
        self._made: OrderedDict[int, tuple[Resource, Resource]] = OrderedDict()

    def of(self, view: Resource) -> Resource:
        """What is made of ``view``."""
        key = id(view)
        if key not in self._made:
            # The view stays alive with what is made of it: another one at the same address would be taken for it.
            self._made[key] = view, self._make(view)
            if len(self._made) > _MOST:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        return self._made[key][1]
