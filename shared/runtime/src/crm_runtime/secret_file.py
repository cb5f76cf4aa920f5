"""The generated passwords and tokens of one installation, in one file that only its owner can read."""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crm_runtime.errors import RuntimeProblem

FILE_NAME = "secrets.json"


def random_text() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def signing_key() -> str:
    """A new Ed25519 private key as PEM text."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


class SecretFile:
    """Named secrets, generated on first use and kept in `secrets.json` (mode 0600)."""

    def __init__(self, path: Path, values: dict[str, str], *, created: bool) -> None:
        self._path = path
        self._values = values
        self.created = created
        """True when the file did not exist before."""

    @classmethod
    def open(cls, data_dir: Path) -> Self:
        """Read the file of this data directory; an absent one is begun empty."""
        path = data_dir / FILE_NAME
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(path, {}, created=True)
        except PermissionError as error:
            raise RuntimeProblem(f"{path} cannot be read by this user; start as the user who owns it.") from error
        except (ValueError, OSError) as error:
            raise RuntimeProblem(f"{path} is damaged ({error}); restore it, or remove it to make new ones.") from error
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise RuntimeProblem(
                f"{path} is damaged (not a table of texts); restore it, or remove it to make new ones."
            )
        return cls(path, values, created=False)

    def get(self, name: str, make: Callable[[], str] = random_text) -> str:
        """The secret of this name; made and saved when it is new (256 random bits, URL-safe, if not said otherwise)."""
        if name not in self._values:
            self._values[name] = make()
            self._save()
        return self._values[name]

    def find(self, name: str) -> str | None:
        """The secret of this name, if there is one."""
        return self._values.get(name)

    def set(self, name: str, value: str) -> None:
        """Keep a secret that was made elsewhere."""
        if self._values.get(name) != value:
            self._values[name] = value
            self._save()

    def _save(self) -> None:
        temporary = self._path.with_suffix(".json.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._values, file, indent=2, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)
