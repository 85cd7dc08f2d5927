"""Configuration of the documentation site: ``make docs`` builds it, with warnings as errors."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "SELFBACK in silico"
author = "the SELFBACK in silico contributors"
release = version = version_of("selfback-insilico")
html_title = project
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "extensions.analyses",
    "extensions.commands",
    "extensions.keys",
    "extensions.mathml",
    "extensions.public",
    "extensions.repository",
    "extensions.schemas",
    "extensions.tables",
]
exclude_patterns = ["extensions/**", "studies/**", "guides/cluster/**", "**/.*"]

# Pages are read on a code host as well: what they use of MyST beyond CommonMark is little.
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
nb_execution_mode = "auto"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 900  # seconds a cell, where other work is under way
nb_ipywidgets_js = {}
nb_number_source_lines = False

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_typehints_format = "short"
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]  # an entry may be of several
napoleon_use_rtype = False
nitpicky = True
# Types of other packages have no pages here, and without a network none are looked up. Docstrings
# that the reference shows name modules and classes that it does not: these stay plain code.
nitpick_ignore_regex = [
    ("py:.*", r"(agents|analysis|recommender|scenarios|sim)(\..*)?"),
    ("py:.*", r"(collections|datetime|numpy|np|os|pandas|pathlib|pd|pyarrow|types|typing)(\..*)?"),
    ("py:.*", r"Executor|Kept|Plans\.revised"),
]

templates_path = []
html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_favicon = "static/favicon.svg"
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {
    "navigation_with_keys": False,
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#0b5c6b",
        "color-brand-content": "#0b5c6b",
        "color-brand-visited": "#5b4a86",
        "color-highlight-on-target": "#e3f1f3",
    },
    "dark_css_variables": {
        "color-brand-primary": "#6cc7d6",
        "color-brand-content": "#6cc7d6",
        "color-brand-visited": "#b7a6e0",
        "color-highlight-on-target": "#12343a",
    },
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
