"""What ``import selfback as sb`` has, and what its functions return: ``{public-api} functions``."""

import inspect
from typing import Any, ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

import selfback
from extensions.generated import code


def functions() -> list[str]:
    """Return the names of the functions."""
    return [name for name in selfback.__all__ if inspect.isfunction(getattr(selfback, name))]


def classes() -> list[str]:
    """Return the names of the classes, errors among them."""
    return [name for name in selfback.__all__ if inspect.isclass(getattr(selfback, name))]


def results() -> list[type]:
    """Return the classes of our own that functions return, each once."""
    found = [
        inspect.signature(getattr(selfback, name), eval_str=True).return_annotation
        for name in functions()
    ]
    return [each for each in dict.fromkeys(found) if inspect.isclass(each) and _is_front(each)]


def _is_front(kind: type) -> bool:
    return kind.__module__.startswith("sim.front.")


class PublicApi(SphinxDirective):
    """Shows functions, classes or results."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return what autodoc makes of them."""
        lines = {
            "functions": [f".. autofunction:: selfback.{name}" for name in functions()],
            "classes": [f".. autoclass:: selfback.{name}" for name in classes()],
            "results": [
                f".. autoclass:: {kind.__module__}.{kind.__qualname__}\n"
                "   :members:\n   :inherited-members: tuple, Mapping\n"
                "   :exclude-members: made, figures, more, place, print_to"
                for kind in results()
            ],
        }[self.arguments[0]]
        text = "\n\n".join(lines)
        return self.parse_text_to_nodes(f"```{{eval-rst}}\n{text}\n```\n")


_KEPT: dict[str, list[str]] = {}


def keep_sentence(
    _app: Sphinx, what: str, name: str, _of: Any, _more: Any, lines: list[str]
) -> None:
    """Keep an attribute's docstring from napoleon, which takes words before a colon as type."""
    if what in {"attribute", "property"}:
        _KEPT[name] = lines.copy()


def put_sentence(
    _app: Sphinx, _what: str, name: str, _of: Any, _more: Any, lines: list[str]
) -> None:
    """Put the docstring of an attribute in place again."""
    lines[:] = _KEPT.pop(name, lines)


def to_public_name(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, _shown: nodes.Element
) -> nodes.Element | None:
    """Let a reference to a function where it is defined lead to its public name."""
    module, _, name = str(node["reftarget"]).rpartition(".")
    if node.get("refdomain") != "py" or name not in selfback.__all__ or not module:
        return None
    public = f"selfback.{name}"
    return env.domains.python_domain.resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], public, node, code(public)
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("public-api", PublicApi)
    app.connect("autodoc-process-docstring", keep_sentence, priority=400)
    app.connect("autodoc-process-docstring", put_sentence, priority=600)
    app.connect("missing-reference", to_public_name)
    return {"version": "1", "parallel_read_safe": True}
