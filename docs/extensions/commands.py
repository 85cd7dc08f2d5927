"""Every command with its options, as ``--help`` has them: ``{commands}``."""

import re
from collections.abc import Iterator
from typing import Any

import typer
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from extensions.generated import section, sentence
from sim.cli.main import app as cli

EXAMPLE = "Example: "


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each command below a group by its whole name, in the order of the help."""
    for name, found in group.commands.items():
        whole = f"{path} {name}"
        if hasattr(found, "commands"):
            yield from commands(found, whole)
        else:
            yield whole, found.load()


class Commands(SphinxDirective):
    """Shows all commands, a section each."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        whole = typer.main.get_command(cli)
        return [self._section(name, command) for name, command in commands(whole, "selfback")]

    def _section(self, name: str, command: Any) -> nodes.section:
        anchor = name.replace(" ", "-")
        context = typer.Context(command, info_name=name)
        usage = " ".join([name, *command.collect_usage_pieces(context)])
        made = section(name, anchor)
        made += [sentence(" ".join(part.split())) for part in command.help.split("\n\n")]
        made += _console(usage, "text")
        self.env.domains.standard_domain.note_object(
            "cli-command", name, anchor, location=self.get_location()
        )
        arguments_first = sorted(command.params, key=lambda each: each.param_type_name)
        for parameter in arguments_first:
            record = parameter.get_help_record(context)
            if record is not None:
                names, told = record
                made += self._option(name, parameter, re.sub(r" <\w+>", "", names), told)
        made += sentence("Example:")
        made += _console(f"$ {command.epilog.removeprefix(EXAMPLE)}", "console")
        return made

    def _option(self, command: str, parameter: Any, names: str, told: str) -> addnodes.desc:
        first = max(parameter.opts, key=len)
        anchor = f"{command.replace(' ', '-')}-{first.lstrip('-')}"
        signature = addnodes.desc_signature("", "", ids=[anchor])
        signature += addnodes.desc_name("", names)
        self.state.document.note_explicit_target(signature)
        if parameter.param_type_name == "option":
            domain = self.env.domains.standard_domain
            domain.add_program_option(command, first, self.env.docname, anchor)
        made = addnodes.desc("", signature, addnodes.desc_content("", sentence(told)))
        made["domain"], made["objtype"], made["no-index"] = "std", "option", True
        return made


def _console(text: str, language: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language=language)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and commands as objects of the site."""
    app.add_directive("commands", Commands)
    app.add_object_type("cli-command", "command", objname="command")
    return {"version": "1", "parallel_read_safe": True}
