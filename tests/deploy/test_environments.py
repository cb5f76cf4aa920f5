"""Each deployable runs on its own lock and from wheels, with nothing of the developer's environment at hand."""

from pathlib import Path

import asyncpg
import pytest

from crm_runtime.pytest_plugin import MakeDatabase
from tests.deploy.environments import SHARED, Image, build_wheels, fill, installed, make_environment
from tests.deploy.manifests import ROOT
from tools.dependencies import locked_names
from tools.layout import Distribution, deployables
from tools.locks import lock_of

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheels(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_environment(tmp_path_factory.mktemp("image") / "venv")


@pytest.fixture
def image(environment: Path, wheels: Path, one: Distribution) -> Image:
    return fill(environment, wheels, one)


@pytest.mark.parametrize("one", deployables(), ids=lambda one: one.name)
async def test_it_starts_and_migrates_where_only_its_image_is(
    one: Distribution, image: Image, tmp_path: Path, make_database: MakeDatabase
) -> None:
    locked = locked_names((ROOT / lock_of(one)).read_text(encoding="utf-8"))
    ours = {name.replace("_", "-") for name in (*SHARED, one.package)}
    assert ours <= installed(image.python) <= locked | ours
    parts = ", ".join(f"{one.package}.{part}" for part in ("main", "worker"))
    place = image.run("-c", f"import {parts}, crm_platform.prepare; print({one.package}.__file__)", place=tmp_path)
    assert Path(place).is_relative_to(image.python.parents[1])

    url = make_database(one.package).url
    image.run("-m", "crm_platform.migrate", one.package, place=tmp_path, environment={"CRM_DB__URL": url})
    versions = ROOT / one.sources / one.package / "migrations" / "versions"
    newest = max(file.name for file in versions.glob("[0-9]*.py")).partition("_")[0]
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == newest
    await connection.close()


def test_an_environment_without_a_package_of_the_lock_is_noticed(
    environment: Path, wheels: Path, tmp_path: Path
) -> None:
    """The control: were something missing on the lock, the test above would say so."""
    one = next(one for one in deployables() if one.name == "gateway")
    service = next(one for one in deployables() if one.is_service)
    image = fill(environment, wheels, service)
    with pytest.raises(AssertionError, match="ModuleNotFoundError"):
        image.run(
            "-c", f"import sys; sys.path.insert(0, {str(ROOT / one.sources)!r}); import gateway.main", place=tmp_path
        )
