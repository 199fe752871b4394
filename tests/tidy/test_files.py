from tests.tidy.sources import GENERATED_FOLDERS, has_generated_header, sources, text

LINES_MAX = 500


def test_a_source_file_is_one_concept_of_at_most_500_lines() -> None:
    long = {
        str(path): lines
        for path in sources()
        if (lines := text(path).count("\n")) > LINES_MAX and not has_generated_header(path)
    }
    assert not long


def test_generated_files_say_so() -> None:
    silent = [
        str(path)
        for path in sources()
        if GENERATED_FOLDERS & set(path.parts) and not has_generated_header(path)
    ]
    assert not silent
