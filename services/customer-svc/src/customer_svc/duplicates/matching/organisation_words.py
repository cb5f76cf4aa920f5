"""Words of company names that say little about which company it is.

Legal forms come from cleanco (MIT), which has those of some 80 countries, and from lists of our own: what it lacks, and
Chinese, where names have no spaces. A Chinese company name is, by the Provisions on the Administration of Enterprise
Name Registration (企业名称登记管理规定), administrative division + trade name + line of business + legal form.
"""

from collections.abc import Collection
from functools import cache

from cleanco import termdata

from customer_svc.duplicates.matching.lists import lines, listed
from customer_svc.duplicates.matching.text import is_han, words


class Ends:
    """Words at the end of texts that have no spaces; found by the last character, as most texts end otherwise."""

    def __init__(self, words: Collection[str]) -> None:
        self.words = frozenset(words)
        self._sizes = {
            last: sorted({len(word) for word in self.words if word.endswith(last)}, reverse=True)
            for last in {word[-1] for word in self.words}
        }

    def longest(self, text: str) -> str:
        """The longest that the text ends with and that leaves something of it; empty if there is none."""
        for size in self._sizes.get(text[-1:], ()):
            if size < len(text) and text[-size:] in self.words:
                return text[-size:]
        return ""


HAN_FORMS = Ends(listed("han_forms"))
"""Legal forms at the end of Chinese names, folded."""

HAN_BRANCHES = listed("han_branches")
"""What parts of a legal entity are called; a name that ends so is not the name of the whole."""

LATIN_BRANCHES = frozenset(listed("latin_branches"))
PARTICLES = frozenset(listed("particles"))

HAN_GENERIC = Ends(listed("han_generic"))
"""Lines of business and other fillers of Chinese names."""

GENERIC = frozenset(listed("latin_generic")) | HAN_GENERIC.words


@cache
def legal_forms() -> frozenset[tuple[str, ...]]:
    """Latin and Cyrillic legal forms as sequences of folded words."""
    known = {term for terms in termdata.terms_by_type.values() for term in terms}
    known |= {term for terms in termdata.terms_by_country.values() for term in terms}
    found = {words(term) for term in known | set(lines("legal_forms"))}
    return frozenset(form for form in found if form and not any(is_han(word) for word in form))


@cache
def form_type(form: str) -> str:
    """The type of a legal form, such as ``limited`` for ``gmbh`` and 有限公司; empty where it has none."""
    for line in lines("form_types"):
        name, _, forms = line.partition(": ")
        if form in forms.split("|"):
            return name
    return ""


FORM_WORDS = max(len(form) for form in legal_forms())
