"""Metadata are complete and valid before anything is done, or all that is wrong is said."""

import pytest

from divnoising_tf.errors import InputError
from divnoising_tf.models.divnoising.words import DIVNOISING
from divnoising_tf.zoo.metadata import Metadata

GIVEN = {
    "name": "Nuclei (confocal)",
    "description": "Denoises nuclei.",
    "authors": ["Ada Lovelace"],
    "license": "CC-BY-4.0",
}


def test_says_everything_that_is_missing_at_once():
    with pytest.raises(InputError) as error:
        Metadata.of()
    for name in ("name", "description", "authors", "license"):
        assert f"{name}=" in error.value.advice
    with pytest.raises(InputError, match="missing: authors, license"):
        Metadata.of(name="Nuclei", description="d", authors=[])


def test_keywords_win_over_a_mapping():
    metadata = Metadata.of(GIVEN, license="MIT")
    assert metadata.fields()["license"] == "MIT"
    assert metadata.fields()["authors"] == [{"name": "Ada Lovelace"}]
    assert metadata.fields()["id"] == "nuclei-confocal"
    assert Metadata.of(metadata, license="MIT") == metadata


def test_refuses_unknown_names():
    with pytest.raises(InputError, match=r"no such metadata: licence\. .*license"):
        Metadata.of(GIVEN, licence="MIT")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a/b nuclei"),
        ("name", "abc"),
        ("license", "free for all"),
        ("authors", ["A/B"]),
        ("authors", [{"affiliation": "nowhere"}]),
        ("authors", [{"name": "Ada", "orcid": "0000-0000-0000-0000"}]),
        ("cite", [{"text": "a paper without a link"}]),
        ("description", "x" * 2000),
        ("id", "Upper Case"),
    ],
)
def test_refuses_values_that_the_zoo_does(field, value):
    with pytest.raises(InputError, match=f"not valid.*{field}") as error:
        Metadata.of({**GIVEN, field: value})
    assert len(str(error.value)) < 1000


def test_cites_both_papers_and_those_of_the_user():
    cite = Metadata.of(GIVEN, cite=[{"text": "Ours", "doi": "10.1000/xyz123"}]).fields(DIVNOISING)[
        "cite"
    ]
    assert [entry.get("doi") or entry["url"] for entry in cite] == [
        "https://openreview.net/forum?id=agHLCOBM5jP",
        "10.1109/ISBI45749.2020.9098612",
        "10.1000/xyz123",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tags", "nuclei"),
        ("cite", {"text": "Me", "doi": "10.1038/s41592-018-0216-7"}),
        ("maintainers", {"github_user": "ada"}),
        ("authors", {"name": "Ada Lovelace"}),
    ],
)
def test_one_alone_stands_for_a_list_of_it(field, value):
    metadata = Metadata.of({**GIVEN, field: value})
    assert getattr(metadata, field) == [value]
    assert value in metadata.fields()[field]
    assert Metadata.of(metadata) == metadata


@pytest.mark.parametrize("field", ["tags", "cite", "maintainers", "training", "version", "id"])
def test_a_name_with_nothing_behind_it_is_as_if_it_were_not_there(field):
    assert Metadata.of({**GIVEN, field: None}) == Metadata.of(GIVEN)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tags", 5),
        ("tags", {"nuclei": 1}),
        ("tags", ["nuclei", 5]),
        ("cite", "a paper"),
        ("cite", ["a paper"]),
        ("maintainers", "ada"),
        ("authors", [5]),
        ("authors", True),
        ("name", 12345),
        ("name", ["Nuclei"]),
        ("description", {"text": "x"}),
        ("license", 5),
        ("training", ["x"]),
        ("id", 7),
        ("git_repo", []),
        ("version", [1]),
    ],
)
def test_refuses_values_of_another_kind(field, value):
    with pytest.raises(InputError, match=f"another kind.*{field}: ") as error:
        Metadata.of({**GIVEN, field: value})
    assert len(str(error.value)) < 1000
