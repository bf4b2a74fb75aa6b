import math

import pytest

from jaxent.app.errors import InputError
from jaxent.app.yaml import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),  # a string for YAML 1.1
        ("1E3", 1e3),
        ("+.5", 0.5),
        ("2.", 2.0),
        ("7", 7),
        ("007", 7),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("12345678901234567", 12345678901234567),
    ],
)
def test_numbers_are_numbers(text, value):
    found = parse_yaml(text, "test")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["1_000", "1:30", "2020-01-01", "no", "0x1F", "inf", "1e", "'1'"])
def test_words_stay_words(text):
    assert parse_yaml(text, "test") == text.strip("'")


@pytest.mark.parametrize("text", ["-0", "-0.0", "-.0", "-0e5"])
def test_zero_keeps_its_sign(text):
    value = parse_yaml(text, "test")
    assert value == 0
    assert math.copysign(1, value) == -1


@pytest.mark.parametrize("text", ["0", "0.0", "+0"])
def test_zero_without_a_sign_is_positive(text):
    assert math.copysign(1, parse_yaml(text, "test")) == 1


def test_truth_and_nothing_are_read():
    assert parse_yaml("[true, False, null, ~, '']", "test") == [True, False, None, None, ""]


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: key 'a' is given twice"),
        ("a: {b: 1, b: 1}", "key 'b' is given twice"),
        ("a: &x 1\nb: 2", "line 1: anchors and aliases"),
        ("a: 1\nb: *x", "line 2: anchors and aliases"),
        ("1: 2", "key 1 is not a string"),
        ("a:\n  - 1\n b: 2", "line 3"),
        ("[1, 2", "line 1"),
        ("a: 1e400", "'1e400' does not fit a double"),
        ("a: 1e-400", "'1e-400' does not fit a double"),
        ("a: " + "9" * 5000, "does not fit a double"),
        ("a: " + "0" * 5000 + "7", "is too long; allowed: fewer leading zeros"),
        ("a: -" + "0" * 5000 + "7", "is too long; allowed: fewer leading zeros"),
        ("a: !!python/object/apply:os.getcwd []", "is not allowed"),
        ("a: !!float abc", "'abc' is not of the type float"),
        ("a: !!set {b}", "is not allowed"),
        ("--- 1\n--- 2", "line 2"),
        ("a: \x07", "character 3"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(text, fragment):
    with pytest.raises(InputError) as error:
        parse_yaml(text, "file.yaml")
    assert str(error.value).startswith("file.yaml: ")
    assert fragment in str(error.value)
    assert "\n" not in str(error.value)


def test_nesting_is_limited():
    assert parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "test")
    with pytest.raises(InputError, match=f"nested too deeply; allowed: {MAX_DEPTH} levels"):
        parse_yaml("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "test")
    with pytest.raises(InputError, match="nested too deeply"):
        parse_yaml("[" * 100_000, "test")


def test_size_is_limited(tmp_path):
    path = tmp_path / "large.yaml"
    path.write_text("#" * MAX_BYTES)
    assert read_yaml(path) is None
    path.write_text("#" * (MAX_BYTES + 1))
    with pytest.raises(InputError, match=r"too large; allowed: at most 1048576 bytes \(1 MiB\)"):
        read_yaml(path)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"absent\.yaml: No such file"):
        read_yaml(tmp_path / "absent.yaml")
    with pytest.raises(InputError, match="Is a directory"):
        read_yaml(tmp_path)
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(InputError, match=r"bytes\.yaml: byte 3 is not valid UTF-8"):
        read_yaml(path)
