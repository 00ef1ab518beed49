"""Templates in two languages: sentences are translated when a template is compiled, once for each language.

A piece of a page that is the same whenever it is given the same is rendered `once`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask.templating import Environment
from flask_babel import get_locale, get_translations
from jinja2 import Template, nodes, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

MOST = 4_000
_catalogues: dict[str, Any] = {}


def language() -> str:
    """The language in which the present page is written."""
    locale = get_locale()
    return str(locale.language) if locale else "fr"


def catalogue() -> Any:
    """The translations of the present page's language."""
    spoken = language()
    found = _catalogues.get(spoken)
    if found is None:
        found = get_translations()
        if get_locale() is not None:
            _catalogues[spoken] = found
    return found


def once(macro: Callable[..., Any]) -> Callable[..., Any]:
    """A macro that looks at nothing but its arguments, rendered once for each of them (and each language)."""
    known: dict[Any, Any] = {}

    def piece(*given: Any, **named: Any) -> Any:
        key = (given, *((name, _fixed(value)) for name, value in named.items())) if named else given
        found = known.get(key)
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[key] = macro(*given, **named)
        return found

    return piece


def each(piece: Callable[..., Any], rows: Iterable[Any]) -> Markup:
    """A piece for each row, one after the other."""
    return Markup("".join(map(piece, rows)))  # noqa: S704 - pieces are what templates gave


def _fixed(value: Any) -> Any:
    return tuple(value.items()) if isinstance(value, dict) else value


class _Template(Template):
    """A template whose macros are imported for what they are: no page adds globals of its own to them."""

    def _get_default_module(self, _ctx: Any = None) -> Any:
        return super()._get_default_module()


class Templates(Environment):
    """The templates as they are written, and beside them those of each language, its sentences in place."""

    template_class = _Template
    translations: Any = None

    def spoken(self) -> Templates:
        """The templates in the present page's language."""
        known: dict[str, Templates] = self.__dict__.setdefault("_spoken", {})
        found = known.get(language())
        if found is None:
            found = known[language()] = self.overlay()
            found.translations = catalogue()
            found.globals = {**self.globals, **_speech(found.translations)}
        return found

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        return _Translator(self.translations).visit(tree) if self.translations else tree


def _speech(translations: Any) -> dict[str, Any]:
    """What templates call for sentences with something in them, in one language."""

    @pass_eval_context
    def one(context: EvalContext, text: str, **given: Any) -> Any:
        return _said(context, translations.ugettext(text)) % given

    @pass_eval_context
    def many(context: EvalContext, single: str, plural: str, num: int, **given: Any) -> Any:
        return _said(context, translations.ungettext(single, plural, num)) % {"num": num, **given}

    return {"_": one, "gettext": one, "ngettext": many}


def _said(context: EvalContext, text: str) -> str:
    return Markup(text) if context.autoescape else text  # noqa: S704 - our own sentences


class _Translator(NodeTransformer):
    """Puts the translation in place of `_("…")`, for the compiler to melt into the text around it."""

    def __init__(self, translations: Any) -> None:
        self._translations = translations

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - as the library calls it
        self.generic_visit(node)
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(said))], kwargs=[]):
                text = self._translations.ugettext(said) % {}
                return nodes.MarkSafeIfAutoescape(nodes.Const(text), lineno=node.lineno)
        return node
