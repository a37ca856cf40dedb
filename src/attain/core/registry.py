"""Names to classes, found without importing more than the one asked for."""

import importlib
import importlib.util
import pkgutil
import sys
import traceback
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

from attain.core.component import Component
from attain.core.errors import UserError, unknown
from attain.core.extras import not_installed

C = TypeVar("C", bound=Component)


class Registry(Generic[C]):
    """Components of one kind: built-in (one module each), installed as an entry point, or by path.

    Args:
        kind: the kind's name, and the end of its entry-point group `attain.<kind>`.
        base: what every component of this kind subclasses.
        package: the dotted name of the package whose modules are the built-in ones.
    """

    def __init__(self, kind: str, base: type[C], package: str) -> None:
        self.kind, self.base, self.package = kind, base, package

    def names(self) -> list[str]:
        """Every name that `get` knows; no component is imported."""
        path = importlib.import_module(self.package).__path__
        built_in = {module.name for module in pkgutil.iter_modules(path) if not module.name.startswith("_")}
        installed = {entry.name for entry in entry_points(group=f"attain.{self.kind}")}
        return sorted(built_in | installed)

    def get(self, name: str, *, folder: Path | None = None) -> type[C]:
        """The class called `name`, or the one at `my_file:MyModel` (looked for in `folder` first).

        Raises:
            UserError: there is no such name, or what it names is not of this kind or lacks one of its methods.
        """
        if ":" in name:
            return self._by_path(name, folder or Path.cwd())
        for entry in entry_points(group=f"attain.{self.kind}", name=name):
            return self._checked(entry.load(), name)
        if name not in self.names():
            raise unknown(f"{self.kind.replace('_', ' ')} model", name, self.names())
        try:
            module = importlib.import_module(f"{self.package}.{name}")
        except ModuleNotFoundError as error:
            raise not_installed(repr(name), error) from None
        classes = [v for v in vars(module).values() if isinstance(v, type) and vars(v).get("name") == name]
        return self._checked(classes[0] if classes else None, name)

    def _by_path(self, name: str, folder: Path) -> type[C]:
        where, _, attribute = name.partition(":")
        module = import_file(where, folder)
        found = getattr(module, attribute, None)
        if found is None:
            raise UserError(f"{name!r}: the module {where!r} has no {attribute!r}.")
        return self._checked(found, name)

    def _checked(self, found: object, name: str) -> type[C]:
        if isinstance(found, type) and issubclass(found, self.base):
            # components are no ABCs: one that lacks a method could be made, and would fail late
            if lacking := [one for one in dir(found) if getattr(getattr(found, one), "__isabstractmethod__", False)]:
                many = "methods" if len(lacking) > 1 else "method"
                raise UserError(f"{name!r} lacks the {many} {', '.join(lacking)} of a {self.base.__name__}.")
            return found
        wanted = "" if ":" in name else f" with `name = {name!r}`"
        raise UserError(f"{name!r} is not a subclass of {self.base.__name__}{wanted}.")


def import_file(where: str, folder: Path) -> ModuleType:
    """Import `where` as a file beside the suite (`my_file` or `my_file.py`), else as a module."""
    path = folder / (where if where.endswith(".py") else f"{where.replace('.', '/')}.py")
    if path.is_file():
        key = f"attain_user_{path.stem}_{abs(hash(str(path.resolve())))}"
        if key not in sys.modules:
            spec = importlib.util.spec_from_file_location(key, path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[key] = module  # before it runs, as dataclasses look themselves up there
            try:
                spec.loader.exec_module(module)
            except Exception as error:  # noqa: BLE001  # whatever a person's file raises, it is that file's to mend
                del sys.modules[key]
                raise _not_importable(path, error) from None
        return sys.modules[key]
    try:
        return importlib.import_module(where)
    except ModuleNotFoundError as error:
        raise UserError(f"Cannot find {where!r}: no file {path} and no module of that name ({error}).") from None


def _not_importable(path: Path, error: Exception) -> UserError:
    if isinstance(error, SyntaxError):
        return UserError(f"{path}:{error.lineno}: is not Python: {error.msg}.")
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    where = f"{path}:{lines[-1]}" if lines else str(path)
    return UserError(f"{where}: cannot be imported: {type(error).__name__}: {error}.")
