"""Commands by name: a module is imported when its command runs, or when its help is shown.

The help of a group lists what its commands are for. That is the first line of the docstring of
each command's function, which is read from the source: so nothing slow is imported to show it.
"""

import ast
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Union

import typer
from typer.core import TyperCommand, TyperGroup

Table = Mapping[str, Union[str, "Group"]]
"""Name of a command to its module below :mod:`sim.cli.commands`, or to a group of commands."""


def help_without_command(context: typer.Context) -> None:
    """Show the help of a group that is called without a command; the exit code is 2."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


class Group(typer.Typer):
    """A group of commands that are imported when they are needed.

    Parameters
    ----------
    table
        In the order of the help.
    more
        See :class:`typer.Typer`. Without a command the help is shown.

    Attributes
    ----------
    table
        As it was given.
    """

    def __init__(self, table: Table, **more: Any) -> None:
        self.table = table
        modules = {name: module for name, module in table.items() if isinstance(module, str)}

        class Lazy(TyperGroup):
            """The group that Typer makes."""

            def __init__(self, **attributes: Any) -> None:
                super().__init__(**attributes)
                unloaded = {name: _Unloaded(name, module) for name, module in modules.items()}
                self.commands = {name: {**unloaded, **self.commands}[name] for name in table}

            def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
                """Return name, command and remaining arguments; the command is imported here."""
                name, command, rest = super().resolve_command(ctx, args)
                return name, command.load() if isinstance(command, _Unloaded) else command, rest

        super().__init__(
            cls=Lazy,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            callback=more.pop("callback", help_without_command),
            invoke_without_command=True,
            **more,
        )
        for name, group in table.items():
            if isinstance(group, Group):
                self.add_typer(group, name=name)


class _Unloaded(TyperCommand):
    """Stands for a command whose module is not imported."""

    def __init__(self, name: str, module: str) -> None:
        super().__init__(name=name)
        self._module = f"sim.cli.commands.{module}"

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first line of the function's docstring, shortened to some characters."""
        self.help = first_line(self._module)
        return super().get_short_help_str(limit)

    def load(self) -> Any:
        """Import the command."""
        found = vars(import_module(self._module)).values()
        app = next(value for value in found if isinstance(value, typer.Typer))
        command = typer.main.get_command(app)
        command.name = self.name
        return command


def first_line(module: str) -> str:
    """Return what a command is for, from the source of its module.

    Raises
    ------
    LookupError
        If the module has no function that is decorated with ``command``.
    """
    spec = find_spec(module)
    source = spec.loader.get_source(module) if spec and spec.loader else ""  # type: ignore[attr-defined]
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            return (ast.get_docstring(node) or "").split("\n", 1)[0]
    raise LookupError(f"{module} declares no command")
