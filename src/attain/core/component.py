"""The one base of everything that a suite names: a class with typed parameters."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Self, get_type_hints

from pydantic import ValidationError

from attain.core.errors import UserError, unknown
from attain.core.strict import Strict


class Params(Strict):
    """Parameters of a component."""


class Component:
    """A named thing with parameters; a subclass annotates `params` with its own class of them."""

    name: ClassVar[str]
    params: Params
    from_files: ClassVar[tuple[str, ...]] = ()
    """Params that `with_files` fills in; tables do not name a model by them."""

    folder: Path = Path()
    """Where relative paths in its params start while `check_data` looks; the working folder where no suite says."""

    def __init__(self, params: Params | None = None) -> None:
        self.params = params if params is not None else self.params_class()()

    @classmethod
    def params_class(cls) -> type[Params]:
        """The class that `params` is annotated with."""
        for base in cls.__mro__:
            if (hint := vars(base).get("__annotations__", {}).get("params")) is not None:
                alone = SimpleNamespace(
                    __annotations__={"params": hint}
                )  # other annotations may not resolve at run time
                found: type[Params] = get_type_hints(alone, vars(sys.modules[base.__module__]))["params"]
                return found
        raise TypeError(f"{cls.__name__} does not say what its `params` are.")  # Component itself does

    @classmethod
    def create(cls, **values: object) -> Self:
        """Build from plain values, as a suite file gives them.

        Raises:
            UserError: a value is unknown or out of range; each bad one is named.
        """
        try:
            return cls(cls.params_class().model_validate(values))
        except ValidationError as error:
            raise bad_params(cls, error) from None

    @classmethod
    def with_files(cls, params: Params, folder: Path) -> Params:
        """The params with what the files that they name hold, so that another content is another run.

        Called when a suite is planned; `folder` is where relative paths start. By default params name no files.

        Raises:
            UserError: a file is not there, or is not what it must be.
        """
        return params

    def check_data(self, log: Any) -> None:  # whatever the task's data sets hold
        """Refuse data that this component cannot work on, before anything runs; by default it takes any.

        Raises:
            UserError: the data lack what its params ask for.
        """

    def __repr__(self) -> str:
        values = ", ".join(f"{k}={v!r}" for k, v in self.params.model_dump(exclude_defaults=True).items())
        return f"<{self.name} {values}>" if values else f"<{self.name}>"


def bad_params(component: type[Component], error: ValidationError) -> UserError:
    """One sentence a bad parameter, naming the component, the parameter and what was expected."""
    known = list(component.params_class().model_fields)
    sentences = []
    for problem in error.errors():
        path = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden":
            sentences.append(str(unknown(f"param of {component.name!r}", path, known)))
        else:
            given = "" if "key" in path else f" is {problem['input']!r}"  # what may be a key is never printed
            sentences.append(f"Param {path!r} of {component.name!r}{given}: {problem['msg']}.")
    return UserError(" ".join(sentences))
