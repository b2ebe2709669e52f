import inspect

import pytest

from grader.criteria import KINDS
from grader.model.rubric import Criterion


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_is_registered_under_its_own_name(kind):
    assert KINDS[kind].model_fields["kind"].default == kind


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_documents_itself(kind):
    criterion = KINDS[kind]
    assert inspect.getdoc(criterion) != inspect.getdoc(Criterion)


def test_kinds_stand_in_order_of_their_names():
    assert list(KINDS) == sorted(KINDS)
