"""Instructions with placeholders: `{identifier}` is replaced, and nothing else is.

Rules: a value is put in as it is and never read again, so text from outside can never become a placeholder; `{{` and
`}}` are braces; attributes, indexes, conversions and format specifications do not exist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentkit.errors import InputError

__all__ = ["placeholders", "render"]

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")


def placeholders(template: str) -> tuple[str, ...]:
    """The identifiers that a template asks for, each once, in the order of their first use.

    Example:
        >>> placeholders("Extract {what} of {month}, {month} only")
        ('what', 'month')
    """
    if "{" not in template:
        return ()
    found = (match.group(1) for match in _TOKEN.finditer(template))
    return tuple(dict.fromkeys(name for name in found if name and name.isidentifier()))


def render(template: str, values: Mapping[str, str]) -> str:
    """Put the values into the template.

    Raises:
        InputError: The template asks for a value that is not there.

    Example:
        >>> render("Sales of {month}", {"month": "{year}-05"})
        'Sales of {year}-05'
    """
    if "{" not in template and "}" not in template:
        return template

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return match.group(0)[0]
        # `isidentifier` and no pattern: letters with combining marks, as in Hindi, are no word characters to `re`.
        if not name.isidentifier():
            return match.group(0)
        if name not in values:
            raise InputError(f"the text asks for {{{name}}}, but the input has no {name!r}")
        return values[name]

    return _TOKEN.sub(replace, template)
