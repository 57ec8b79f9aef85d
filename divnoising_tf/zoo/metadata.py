"""What only the user knows about a model: its name, authors, licence, and how it was made."""

import dataclasses
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from divnoising_tf.errors import InputError
from divnoising_tf.posterior.contract import Family

# what the values of lists are; all others are text
_LISTS: dict[str, tuple[type, ...]] = {
    "authors": (str, Mapping),
    "tags": (str,),
    "cite": (Mapping,),
    "maintainers": (Mapping,),
}
_EXAMPLES = {
    "name": 'name="DivNoising nuclei", 5 to 128 letters, digits, spaces or any of _+-()',
    "description": 'description="Denoises confocal images of nuclei", one or two sentences',
    "authors": 'authors=["Ada Lovelace"], or [{"name": ..., "affiliation": ..., "orcid": ..., '
    '"github_user": ...}]',
    "license": 'license="CC-BY-4.0", an SPDX identifier (spdx.org/licenses)',
}


@dataclasses.dataclass(frozen=True)
class Metadata:
    """Description of a model for the BioImage Model Zoo.

    Attributes:
        name: 5 to 128 letters, digits, spaces or any of _+-().
        description: one or two sentences, at most 1024 characters.
        authors: names, or mappings with "name" and any of "affiliation", "email", "orcid",
            "github_user".
        license: SPDX identifier, such as "CC-BY-4.0".
        training: what it was trained on, where the data is published, and how; Markdown.
        validation: how well it does and how that was measured; Markdown.
        tags: added to those that every such model has. Of this and the lists that follow, one
            alone may stand for a list of it.
        cite: added to the papers of the method; mappings with "text" and "doi" or "url".
        maintainers: mappings with "github_user", optionally "name", "affiliation", "email".
        git_repo: URL of the recipe.
        version: of the model, such as "1.0".
        id: lower case identifier; by default made from the name.
    """

    name: str
    description: str
    authors: Sequence[str | Mapping[str, Any]]
    license: str
    training: str = ""
    validation: str = ""
    tags: Sequence[str] = ()
    cite: Sequence[Mapping[str, str]] = ()
    maintainers: Sequence[Mapping[str, str]] = ()
    git_repo: str | None = None
    version: str | None = None
    id: str | None = None

    @classmethod
    def of(
        cls, metadata: "Metadata | Mapping[str, Any] | None" = None, **fields: Any
    ) -> "Metadata":
        """Gather metadata from a mapping, as read from a YAML file, and from keywords.

        Args:
            metadata: `Metadata` or a mapping of its attributes.
            **fields: its attributes; they win over `metadata`.

        Returns:
            The metadata, valid for the BioImage Model Zoo.

        Raises:
            InputError: listing everything that is missing, unknown or not valid.

        Example:
            >>> Metadata.of({"name": "Nuclei model"}, license="MIT", authors=["A"])
            Traceback (most recent call last):
            divnoising_tf.errors.InputError: ... missing: description. Received: ...
        """
        if isinstance(metadata, Metadata):
            metadata = dataclasses.asdict(metadata)
        given = {**(metadata or {}), **fields}
        known = [field.name for field in dataclasses.fields(cls)]
        _refuse(
            "There is no such metadata",
            [name for name in given if name not in known],
            given,
            f"Known are: {', '.join(known)}.",
        )
        missing = [name for name in _EXAMPLES if not given.get(name)]
        advice = "; ".join(_EXAMPLES[name] for name in missing)
        _refuse("Metadata of the package is missing", missing, given, f"Give {advice}.")
        result = cls(**_of_their_kinds(given))
        result._validate()
        return result

    def fields(self, family: Family | None = None) -> dict[str, Any]:
        """Return these metadata as fields of a bioimage.io description.

        Args:
            family: of the model, whose papers and tags come first.
        """
        papers = () if family is None else family.papers
        tags = () if family is None else family.tags
        authors = [{"name": one} if isinstance(one, str) else dict(one) for one in self.authors]
        fields: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "authors": authors,
            "license": self.license,
            "cite": [*map(dict, papers), *map(dict, self.cite)],
            "tags": list(dict.fromkeys([*tags, *self.tags])),
            "id": self.id or _identifier(self.name),
        }
        if self.maintainers:
            fields["maintainers"] = [dict(one) for one in self.maintainers]
        optional = {"git_repo": self.git_repo, "version": self.version}
        return fields | {name: value for name, value in optional.items() if value is not None}

    def _validate(self) -> None:
        """Have bioimageio.spec check these fields, before anything else is done."""
        from bioimageio.spec import ValidationContext
        from bioimageio.spec.generic.v0_3 import GenericDescr
        from pydantic import ValidationError

        # no look at the network: URLs are checked when the package is uploaded
        context = ValidationContext(perform_io_checks=False, log_warnings=False)
        try:
            with context:
                GenericDescr(type="metadata", format_version="0.3.4", **self.fields())
        except (ValidationError, TypeError) as error:
            raise InputError(
                "The metadata of the package is not valid.",
                _reasons(error),
                "Correct these; " + "; ".join(_EXAMPLES.values()) + ".",
            ) from error


def _of_their_kinds(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata with lists where lists are wanted, without what is empty.

    Raises:
        InputError: a value, or one in a list, is of another kind.
    """
    result: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in given.items():
        if value is None:  # a name in a YAML file with nothing behind it
            continue
        if name in _LISTS:
            # one of them, and not the letters or keys that it is made of
            value = [value] if isinstance(value, str | Mapping) else value
            listed = isinstance(value, list | tuple)
            fits = listed and all(isinstance(one, _LISTS[name]) for one in value)
        else:
            fits = isinstance(value, (str, int, float) if name == "version" else str)
        if not fits:
            wrong.append(f"{name}: {value!r}")
        result[name] = value
    if wrong:
        raise InputError(
            "Metadata of the package is of another kind than is wanted.",
            "; ".join(textwrap.shorten(one, 120, placeholder=" …") for one in wrong),
            "Give text, in quotes if it is a number; lists of text as tags; cite as [{text: ..., "
            "doi: ...}], maintainers as [{github_user: ...}].",
        )
    return result


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _reasons(error: Exception) -> str:
    """Return one short reason per field, out of a validation error that tries every type."""
    reasons: dict[str, str] = {}
    for one in getattr(error, "errors", list)():
        field = str(one["loc"][0]) if one["loc"] else "fields"
        # the message of a wrong licence lists all 600 that there are
        reasons.setdefault(field, textwrap.shorten(one["msg"], 120, placeholder=" …"))
    return "; ".join(f"{field}: {reason}" for field, reason in reasons.items()) or str(error)


def _refuse(problem: str, names: list[str], given: Mapping[str, Any], advice: str) -> None:
    if names:
        raise InputError(
            f"{problem}: {', '.join(names)}.", ", ".join(sorted(given)) or "nothing", advice
        )
