"""What docstrings say of functions and their parameters."""

from agentick_core.tools.docstring import parse_docstring


def test_the_description_is_all_but_the_sections() -> None:
    told = parse_docstring(
        """Find something.

        It looks everywhere:
        in every place.

        Args:
            query: What to find.
            limit (int, optional): How much,
                at most: ten.
            `**flag`: Marked.

        Returns:
            What was found.

        Raises:
            ValueError: Never.
        """
    )
    assert told.description == "Find something.\n\nIt looks everywhere:\nin every place."
    assert told.parameters["query"] == "What to find."
    assert told.parameters["limit"] == "How much, at most: ten."
    assert told.parameters["flag"] == "Marked."


def test_text_after_the_sections_belongs_to_the_description() -> None:
    told = parse_docstring("One.\n\nArgs:\n    a: A.\n\nTwo.")
    assert told.description == "One.\n\nTwo."
    assert told.parameters == {"a": "A."}


def test_a_list_of_parameters_may_be_written_with_marks() -> None:
    told = parse_docstring("One.\n\nParameters:\n    - a: A.\n    - **b**: B.")
    assert told.parameters == {"a": "A.", "b": "B."}


def test_no_docstring_says_nothing() -> None:
    assert parse_docstring(None).description == ""
    assert parse_docstring("Only this.").parameters == {}
