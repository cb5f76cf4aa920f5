import subprocess
import sys

import pytest

from crm_platform.module_alone import module_alone

_PROGRAM = """
import sys
from crm_platform.module_alone import module_alone
names = module_alone("phonenumbers.geodata.locale").LOCALE_DATA["CN"]
print(names["fr"], "phonenumbers.geodata" in sys.modules, "phonenumbers.geodata.locale" in sys.modules)
"""


def test_a_module_comes_without_its_package() -> None:
    command = [sys.executable, "-c", _PROGRAM]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (our own text)
    assert done.stdout == "Chine False False\n"


@pytest.mark.parametrize("name", ["nowhere.at_all", "phonenumbers.nowhere", "phonenumbers.geodata.nowhere", "json"])
def test_what_is_not_there_is_told(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"no module {name}"):
        module_alone(name)
