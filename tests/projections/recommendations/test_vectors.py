"""Where videos stand among vectors."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog.video import Details
from projections.recommendations.vectors import DIMENSION, HashedWords
from tests.support.source_tree import ROOT

embed = HashedWords().embed

PRINT = """
from domain.catalog.video import Details
from projections.recommendations.vectors import HashedWords
print(HashedWords().embed(Details(title="Drone over the Alps", genre="travel", themes=("snow",))).tobytes().hex())
"""


@given(st.text(), st.text(), st.none() | st.text(), st.lists(st.text(), max_size=3))
def test_every_vector_has_length_one(title, description, genre, themes):
    vector = embed(Details(title=title, description=description, genre=genre, themes=tuple(themes)))
    assert vector.shape == (DIMENSION,)
    assert vector.dtype == np.float32
    assert float(vector @ vector) == pytest.approx(1.0, abs=1e-5)


def test_every_process_makes_the_same_vector():
    seeds = ("0", "1", "random")
    vectors = {
        subprocess.run(
            [sys.executable, "-c", PRINT], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in seeds
    }
    assert len(vectors) == 1


def test_what_shares_words_or_fields_is_nearer():
    bread = embed(Details(title="How to bake bread", genre="cooking"))
    rolls = embed(Details(title="Bake rolls at home", genre="cooking"))
    storm = embed(Details(title="A storm off the cape", genre="sailing"))
    assert bread @ rolls > bread @ storm + 0.2


def test_case_and_width_of_letters_make_no_difference():
    plain, loud = embed(Details(title="cafe racer")), embed(Details(title="CAFE \uff32\uff21\uff23\uff25\uff32"))
    assert float(plain @ loud) == pytest.approx(1.0, abs=1e-6)


def test_words_without_spaces_are_near_by_their_parts():
    assert embed(Details(title="上海美食探店")) @ embed(Details(title="上海美食推荐")) > 0.2
