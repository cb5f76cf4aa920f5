"""The expression language of filters, segments, rules and alerts: CEL, in two engines that agree.

``compile_filter`` makes SQL where there is a table; ``evaluate`` and ``Program`` work where there is an
object. Both start from the same checked expression, and one conformance table is run against both.

Language: ``== != < <= > >= && || !``, ``? :``, ``+ - * / %``, ``x in [constants]``, ``x in list_field``,
``now()``, ``startsWith``, ``endsWith``, ``contains``, ``size``, ``has(field)``, ``timestamp("2024-05-01T08:00:00Z")``,
``date("2024-05-01")``, ``duration("36h")``, and ``list_field.exists(x, ...)`` / ``.all(x, ...)``.
``now()`` is the moment at which the answer is asked for.
Constants of an identifier or an enumeration are strings.

Null, or missing, is a value of every field except lists:

* ``x == null`` and ``has(x)`` ask for it. It equals itself and nothing else, so ``x == "a"`` is false and
  ``x != "a"`` is true where x is null, and ``x == y`` is true where both are.
* Any other comparison, text test or ``in`` is false where a side is null; arithmetic and ``size`` give null.
* A condition is true or false, never null: a null boolean field counts as false, ``!`` is the exact contrary.
* A list that is null is empty.

Where CEL leaves a choice, or raises an error in the middle of the rows:

* Decimals are exact, not binary; integers and decimals mix. Integers are 64 bits in fields and literals, and
  arithmetic with them cannot overflow. ``/`` of integers and ``%`` cut towards zero; ``/`` of decimals keeps
  12 places. What is divided by zero is null.
* Texts are sorted by code point, and ``size`` counts code points. Case matters.
* Mixed types are refused before anything runs, so an accepted expression cannot fail on any row.
"""

from crm_platform.cel.compiler import (
    Filter,
    Formula,
    Program,
    check,
    compile_filter,
    compile_formula,
    compile_program,
    evaluate,
)
from crm_platform.cel.errors import (
    CelError,
    CelLimitError,
    CelNameError,
    CelSyntaxError,
    CelTypeError,
    CelValueError,
    Position,
)
from crm_platform.cel.explain import Part, explain
from crm_platform.cel.fields import DEFAULT_LIMITS, CelLimits, Field, FieldMap, Kind, field_map

__all__ = [
    "DEFAULT_LIMITS",
    "CelError",
    "CelLimitError",
    "CelLimits",
    "CelNameError",
    "CelSyntaxError",
    "CelTypeError",
    "CelValueError",
    "Field",
    "FieldMap",
    "Filter",
    "Formula",
    "Kind",
    "Part",
    "Position",
    "Program",
    "check",
    "compile_filter",
    "compile_formula",
    "compile_program",
    "evaluate",
    "explain",
    "field_map",
]
