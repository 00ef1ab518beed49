"""Filters of the directory (RFC 7644, 3.4.2.2), from their syntax tree to SQL.

Only what stands in these tables can be compared, and values travel as parameters: nothing of a filter's text
ever becomes text of a statement. A comparison with nothing is false rather than unknown, so that `not` holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_ as both
from operator import or_ as either
from typing import Any

from flask_babel import gettext as _
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)
from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    not_,
    or_,
    true,
)

from app.auth.scim.errors import Refused
from app.auth.scim.models import ScimEmail, ScimGroup, ScimMember, ScimPerson
from app.auth.scim.queries import number_of
from app.people.models import Person

LONGEST_FILTER = 2_000
MOST_COMPARISONS = 50
Condition = ColumnElement[bool]
_Filter: Any = ScimFilter
Op = CompareOperator


@dataclass(frozen=True)
class Number:
    """A column with one of our identifiers, which are numbers here and text outside."""

    column: SQLColumnExpression[Any]

    @property
    def order(self) -> Any:
        return self.column

    def present(self) -> Condition:
        return and_(self.column.is_not(None))

    def compare(self, op: Op, value: Any) -> Condition:
        number = number_of(value) if isinstance(value, str) else None
        if op in {Op.eq, Op.ne}:
            found = false() if number is None or str(number) != value else and_(self.column == number)
            return not_(found) if op is Op.ne else found
        return _compared(cast(self.column, String), op, str(value))


@dataclass(frozen=True)
class Text(Number):
    """A column of text, compared without regard to capitals unless exact."""

    is_exact: bool = False

    @property
    def order(self) -> Any:
        return self.column if self.is_exact else func.lower(self.column)

    def present(self) -> Condition:
        return and_(self.column.is_not(None), self.column != "")

    def compare(self, op: Op, value: Any) -> Condition:
        if not isinstance(value, str):
            return true() if op is Op.ne else false()
        if self.is_exact:
            return _compared(self.column, op, value)
        same = _compared(func.lower(self.column), op, value.lower())
        return or_(same, self.column == value) if op is Op.eq else same


@dataclass(frozen=True)
class Moment(Number):
    """A column of time."""

    def compare(self, op: Op, value: Any) -> Condition:
        if not isinstance(value, datetime):
            raise _not_comparable()
        return _compared(self.column, op, value if value.tzinfo else value.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Flag(Number):
    """A yes or no."""

    def compare(self, op: Op, value: Any) -> Condition:
        if op not in {Op.eq, Op.ne} or not isinstance(value, bool):
            raise _not_comparable()
        return and_(self.column == (value if op is Op.eq else not value))


Term = Number


@dataclass(frozen=True)
class Many:
    """Values in rows of their own; `link` says whether there is one for which a condition holds."""

    terms: Mapping[str, Term]
    link: Callable[[Condition], Condition]


Table = Mapping[str, Term | Many]


def _with_email(condition: Condition) -> Condition:
    return exists().where(ScimEmail.person_id == ScimPerson.person_id, condition)


def _in_group(condition: Condition) -> Condition:
    inside = exists().where(ScimMember.person_id == ScimPerson.person_id)
    return inside.where(ScimGroup.id == ScimMember.group_id, condition)


def _with_member(condition: Condition) -> Condition:
    return exists().where(ScimMember.group_id == ScimGroup.id, condition)


PEOPLE: Table = {
    "id": Number(ScimPerson.person_id),
    "external_id": Text(ScimPerson.external_id, is_exact=True),
    "user_name": Text(ScimPerson.user_name_key),
    "name.formatted": Text(ScimPerson.formatted),
    "name.family_name": Text(ScimPerson.family_name),
    "name.given_name": Text(ScimPerson.given_name),
    "display_name": Text(ScimPerson.display_name),
    "title": Text(ScimPerson.title),
    "preferred_language": Text(ScimPerson.language),
    "locale": Text(ScimPerson.locale),
    "timezone": Text(ScimPerson.timezone),
    "active": Flag(Person.deactivated_at.is_(None)),
    "employee_number": Text(ScimPerson.employee_number),
    "department": Text(ScimPerson.department),
    "manager.value": Text(ScimPerson.manager, is_exact=True),
    "meta.created": Moment(ScimPerson.created_at),
    "meta.last_modified": Moment(ScimPerson.changed_at),
    "emails": Many(
        {
            "value": Text(ScimEmail.value_key),
            "type": Text(ScimEmail.kind),
            "primary": Flag(ScimEmail.is_primary),
        },
        _with_email,
    ),
    "groups": Many({"value": Number(ScimGroup.id), "display": Text(ScimGroup.name)}, _in_group),
}
GROUPS: Table = {
    "id": Number(ScimGroup.id),
    "external_id": Text(ScimGroup.external_id, is_exact=True),
    "display_name": Text(ScimGroup.name),
    "meta.created": Moment(ScimGroup.created_at),
    "meta.last_modified": Moment(ScimGroup.changed_at),
    "members": Many({"value": Number(ScimMember.person_id)}, _with_member),
}


def condition(given: Any, model: Any, table: Table, *, is_lenient: bool = False) -> Condition:
    """What a filter asks of the rows of a table; refused for what can't be asked. Lenient, an attribute that
    isn't of this kind of resource is one without a value.
    """
    if given is None:
        return true()
    bound = _Filter[model](str(given))
    if len(given) > LONGEST_FILTER or _comparisons(bound.ast) > MOST_COMPARISONS:
        raise Refused(400, "invalidFilter", _("This is too large to be sent. Make it smaller and try again."))
    return _Asked(bound, table, is_lenient).visit(bound.ast)


def ordering(request: Any, model: Any, table: Table) -> list[Any]:
    """The order that is asked for, those without a value last; none when none is."""
    binding = request.sort_binding(model)
    if binding is None:
        return []
    term = table.get(_name(binding.field_name, binding.sub_field_name))
    if term is None or isinstance(term, Many):
        raise Refused(400, "invalidPath", _("This can’t be put in order."))
    if request.sort_order == "descending":
        return [term.order.desc().nulls_first()]
    return [term.order.asc().nulls_last()]


class _Asked(FilterVisitor[Condition]):
    """Puts a condition together, node by node."""

    def __init__(self, bound: Any, table: Table, is_lenient: bool) -> None:
        self.bound, self.table, self.is_lenient = bound, table, is_lenient

    def visit_comparison(self, node: Comparison) -> Condition:
        binding = self.bound.resolve_comparison(node.attr_path, strict=not self.is_lenient)
        if binding is None:
            return true() if node.op is Op.ne and node.value is not None else _nothing(node)
        term = self.table.get(_name(binding.field_name, binding.sub_field_name))
        many = self.table.get(binding.field_name)
        value = coerce_value(binding, node.value, node.op)
        if isinstance(many, Many):
            inner = many.terms.get(binding.sub_field_name or "value")
            return many.link(_held(_known(inner), node.op, value))
        return _held(_known(term), node.op, value)

    def visit_present(self, node: Present) -> Condition:
        binding = self.bound.resolve(node.attr_path, strict=not self.is_lenient)
        if binding is None:
            return false()
        many = self.table.get(binding.field_name)
        if isinstance(many, Many):
            inner = many.terms.get(binding.sub_field_name or "value")
            return many.link(_known(inner).present())
        prefix = _name(binding.field_name, binding.sub_field_name)
        inside = [
            term for name, term in self.table.items() if name == prefix or name.startswith(f"{prefix}.")
        ]
        return reduce(either, [_known(term).present() for term in inside], false())

    def visit_not(self, node: Not) -> Condition:
        return not_(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> Condition:
        terms = [self.visit(term) for term in node.terms]
        return reduce(both if node.op is LogicalOperator.and_ else either, terms)

    def visit_value_path(self, node: ValuePath) -> Condition:
        binding = self.bound.resolve(node.attr_path, strict=not self.is_lenient)
        if binding is None:
            return false()
        many = self.table.get(binding.field_name)
        if not isinstance(many, Many):
            raise _not_comparable()
        return many.link(_Within(many.terms).visit(node.val_filter))


class _Within(FilterVisitor[Condition]):
    """The same inside one of several values."""

    def __init__(self, terms: Mapping[str, Term]) -> None:
        self.terms = terms

    def visit_comparison(self, node: Comparison) -> Condition:
        return _held(self._term(node.attr_path), node.op, node.value)

    def visit_present(self, node: Present) -> Condition:
        return self._term(node.attr_path).present()

    def visit_not(self, node: Not) -> Condition:
        return not_(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> Condition:
        terms = [self.visit(term) for term in node.terms]
        return reduce(both if node.op is LogicalOperator.and_ else either, terms)

    def visit_value_path(self, node: ValuePath) -> Condition:
        raise _not_comparable()

    def _term(self, path: AttrPath) -> Term:
        return _known(None if path.sub_attr else self.terms.get(path.attr.lower()))


def _held(term: Term, op: Op, value: Any) -> Condition:
    """A comparison that is true or false, never unknown."""
    if value is None:
        if op is Op.eq:
            return term.column.is_(None)
        return term.column.is_not(None) if op is Op.ne else false()
    if op is Op.ne:
        return or_(term.column.is_(None), term.compare(op, value))
    return and_(term.column.is_not(None), term.compare(op, value))


def _compared(column: Any, op: Op, value: Any) -> Condition:
    ways: Mapping[Op, Callable[[], Condition]] = {
        Op.eq: lambda: column == value,
        Op.ne: lambda: column != value,
        Op.co: lambda: column.contains(value, autoescape=True),
        Op.sw: lambda: column.startswith(value, autoescape=True),
        Op.ew: lambda: column.endswith(value, autoescape=True),
        Op.gt: lambda: column > value,
        Op.ge: lambda: column >= value,
        Op.lt: lambda: column < value,
        Op.le: lambda: column <= value,
    }
    return ways[op]()


def _nothing(node: Comparison) -> Condition:
    return true() if node.op is Op.eq and node.value is None else false()


def _comparisons(node: FilterNode) -> int:
    if isinstance(node, LogicalExpr):
        return sum(_comparisons(term) for term in node.terms)
    if isinstance(node, Not):
        return _comparisons(node.expr)
    return 1 + _comparisons(node.val_filter) if isinstance(node, ValuePath) else 1


def _name(field: str, sub: str | None) -> str:
    return f"{field}.{sub}" if sub else field


def _known(term: Term | Many | None) -> Term:
    if term is None or isinstance(term, Many):
        raise _not_comparable()
    return term


def _not_comparable() -> InvalidFilterException:
    return InvalidFilterException(detail=_("This can’t be compared."))
