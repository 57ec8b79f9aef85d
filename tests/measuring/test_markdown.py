import pytest

from measuring.markdown import replaced


def test_a_table_takes_its_place_in_the_page():
    page = "# R\n<!-- t -->\nold\n<!-- end of t -->\nend"
    assert replaced(page, "t", "new") == "# R\n<!-- t -->\nnew\n<!-- end of t -->\nend"
    with pytest.raises(SystemExit):
        replaced(page, "u", "new")
