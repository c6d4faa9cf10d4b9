"""What is said of text that is no TOML: characters of a Chinese keyboard are named, with the right ones."""

from __future__ import annotations

import pytest

from ballast import toml
from ballast.errors import InputError


def fails(text: str) -> str:
    with pytest.raises(InputError) as error:
        toml.parse(text, "f.toml", InputError)
    return str(error.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a = [1，2]", "does not read ，. Write , for ，."),
        ("path = 【[2022-03-01, 40]】", "does not read 【 】. Write [ for 【, ] for 】."),
        ('kind ＝ "x"', "Write = for ＝."),
        ("kind = “staff”", 'Write " for “, " for ”.'),
        ('kind = "staff”', 'Write " for ”.'),
        ("a = ‘x’", "Write ' for ‘, ' for ’."),
        ("a\u3000= 1", "does not read a wide space. Write an ordinary space."),
        ("a = ２０", "Write 2 for ２, 0 for ０."),
        ("［a］", "Write [ for ［, ] for ］."),
        ('title = { en = "a，b"， zh = "“b”" }', "does not read ，. Write , for ，."),
        ("day = 2022－03－01", "Write - for －."),
    ],
)
def test_wide_characters_outside_quotes_are_named(line: str, says: str) -> None:
    said = fails(f"x = 1\n{line}\n")
    assert says in said
    assert said.startswith("f.toml:2:")


@pytest.mark.parametrize("line", ['a = "中，文" z', "kind = staff", '标题 = "x"', "a = = 1 # “注”"])
def test_other_mistakes_are_not_blamed_on_them(line: str) -> None:
    assert fails(line).endswith("Correct this line.")


def test_they_are_read_inside_quotes_and_remarks() -> None:
    assert toml.parse('a = "“中”，【文】" # 注，', "f.toml", InputError) == {"a": "“中”，【文】"}
