"""Check that a built site describes every public name; run by itself, after the build."""

import sys
from pathlib import Path

from helpers.reference_names import described_names, missing


def main(site: Path) -> int:
    described = described_names(site)
    lacking = missing(described)
    assert not lacking, f"the reference does not describe {', '.join(lacking)}"
    own = [name for name in described if name.startswith("divnoising_tf")]
    print(f"{len(own)} objects are described, none is missing")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
