"""Links to files beside the documentation, such as an example's README.md, become downloads.

On a code host they lead to the file, and a link to a folder to the folder; here to its README.md.
"""

from os.path import relpath
from pathlib import Path
from typing import Any, ClassVar

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


class RepositoryFiles(SphinxTransform):
    """Makes downloads of what MyST takes for pages that are not there."""

    default_priority: ClassVar[int] = 210  # before downloads are collected

    def apply(self, **_more: Any) -> None:
        """Replace the links of a page."""
        for node in list(self.document.findall(addnodes.pending_xref)):
            target = node["reftarget"]
            if node.get("reftype") != "myst" or target in self.env.found_docs:
                continue
            place = self._place(node, target)
            if place.is_file():
                found = addnodes.download_reference("", "", *node.children, **node.attributes)
                found["refdomain"], found["reftarget"] = None, f"/{relpath(place, self.env.srcdir)}"
                node.replace_self(found)

    def _place(self, node: addnodes.pending_xref, target: str) -> Path:
        if node.get("refdomain") == "doc":  # an absolute path without its suffix
            return Path(f"{target}.md")
        return Path(self.env.relfn2path(target)[1]) / "README.md"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the transform."""
    app.add_transform(RepositoryFiles)
    return {"version": "1", "parallel_read_safe": True}
