"""Two versions side by side."""

import pytest

from app.charter.document import drafting, queries
from app.charter.document.comparison import compare
from app.charter.document.payload import mark_of_clause
from app.kernel.difference import difference
from tests.charter.document_world import again, people, start, write_clause
from tests.make import make_charter


@pytest.fixture
def draft():
    make_charter()
    owner = people()["owner"]
    return owner, start(owner)


def _kinds(before, after):
    return {c.before or c.after: c.kind for c in compare(before, after, "fr").clauses}


def _first():
    from app.charter.queries import version_in_force

    return queries.tree(version_in_force().id)


def test_a_copy_differs_in_nothing(draft):
    assert compare(_first(), draft[1], "fr").is_same


def test_a_clause_is_found_again_by_its_key_when_it_is_renumbered(draft):
    owner, version = draft
    drafting.move_clause(owner, version, version.clauses[1].key, seen="1.2",
                         article_key=version.articles[0].key, to=1)  # fmt: skip
    assert _kinds(_first(), again(version)) == {"1.1": "renumbered", "1.2": "renumbered"}


def test_changed_words_added_and_removed_clauses_are_told_apart(draft):
    owner, version = draft
    version = write_clause(owner, version, "2.1", text_fr="texte tout neuf fr")
    gone = version.clauses[-1]
    drafting.remove_clause(owner, version, gone.key, mark_of_clause(gone))
    drafting.add_clause(owner, version, version.articles[0].key, title_fr="Plus", title_en="More")
    found = compare(_first(), again(version), "fr")
    assert [(c.kind, c.before, c.after) for c in found.clauses] == [
        ("added", "", "1.3"), ("changed", "2.1", "2.1"), ("removed", "5.2", ""),
    ]  # fmt: skip
    assert found.clauses[1].text == difference("text fr", "texte tout neuf fr")
    assert [c.kind for c in compare(_first(), again(version), "en").clauses] == ["added", "removed"]
