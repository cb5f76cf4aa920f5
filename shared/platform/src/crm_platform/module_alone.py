"""A single module of a package that would load much more with it."""

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType


def module_alone(name: str) -> ModuleType:
    """Load a module without what its packages load when they are imported, and without keeping it for others.

    Some packages fill all their tables on import, a hundred megabytes, of which one table is wanted.

    Args:
        name: Its full name, such as ``phonenumbers.geodata.locale``.

    Raises:
        ModuleNotFoundError: There is no such package, or no such file in it.
    """
    top, *inner = name.split(".")
    package = find_spec(top)
    for folder in (package and package.submodule_search_locations) or ():
        path = Path(folder).joinpath(*inner).with_suffix(".py")
        spec = spec_from_file_location(name, path) if path.is_file() else None
        if spec is not None and spec.loader is not None:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise ModuleNotFoundError(f"no module {name}", name=name)
