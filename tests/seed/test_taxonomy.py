"""The real taxonomy: how sources' wordings lead to its concepts."""

import pytest

from app.seed.claims import Industry, fold
from app.seed.read import Seed
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def taxonomy() -> Seed:
    return Seed(ROOT / "seed_data")


def led_to(taxonomy: Seed, wording: str) -> list[str]:
    """The concepts that a wording leads to: first as several at once, then as a label of one."""
    for known in taxonomy.wordings:
        if fold(known.wording) == fold(wording):
            return known.industries
    found = []
    for industry in taxonomy.identities["industries"]:
        assert isinstance(industry, Industry)
        labels = (industry.label_en, industry.label_zh, *industry.aliases)
        if fold(wording) in map(fold, labels):
            found.append(industry.id)
    return found


@pytest.mark.parametrize(
    ("wording", "folded"),
    [
        ("Bio-medicine", "biomedicine"),
        ("new  Energy vehicles ", "newenergyvehicles"),
        ("生物 医药", "生物医药"),
        ("5G", "5g"),
    ],
)
def test_case_hyphens_and_spaces_do_not_tell_wordings_apart(wording: str, folded: str) -> None:
    assert fold(wording) == folded


@pytest.mark.parametrize(
    ("wording", "industries"),
    [
        ("bio-medicine", "biomedicine"),
        ("biological medicine", "biomedicine"),
        ("生物医药", "biomedicine"),
        ("生物制药", "biomedicine"),
        ("biomedicine and devices", "biomedicine medical-equipment"),
        ("marine biomedicine", "marine-biomedicine"),
        ("electronics and information", "electronic-information"),
        ("电子信息", "electronic-information"),
        ("Electronic Information", "electronic-information"),
        ("new-generation information technology", "next-generation-information-technology"),
        ("IT", "information-technology"),
        ("AI", "artificial-intelligence"),
        ("software and information", "software-and-information-services"),
        ("e-commerce and software", "e-commerce software"),
        ("photoelectricity", "optoelectronics"),
        ("laser and optoelectronics", "lasers optoelectronics"),
        ("光机电一体化", "opto-mechatronics"),
        ("opto-mechatronics equipment", "opto-mechatronics"),
        ("intelligent equipment", "intelligent-manufacturing-equipment"),
        ("automobiles and parts", "automobiles automotive-parts"),
        ("automobile parts", "automotive-parts"),
        ("new energy and environmental protection", "new-energy environmental-protection"),
        ("solar power and new energy", "solar-power new-energy"),
        ("new energy and materials", "new-energy new-materials"),
        ("rare earth and rare metals", "rare-earth rare-metals"),
        ("vanadium", "vanadium-industry"),
        ("health and medicine", "life-and-health pharmaceuticals"),
        ("food and beverages", "food-and-beverages"),
        ("packaging and printing", "packaging-and-printing"),
        ("smart appliances", "smart-home-appliances"),
    ],
)
def test_a_wording_leads_to_its_concepts(taxonomy: Seed, wording: str, industries: str) -> None:
    assert led_to(taxonomy, wording) == industries.split()


def test_a_label_that_is_our_own_is_a_label(taxonomy: Seed) -> None:
    """The concepts that only order others are ours in English, too."""
    ours = [i for i in taxonomy.identities["industries"] if "label_en" in i.own_labels]
    assert {i.id for i in ours} == {
        *("agriculture-and-food", "bio-industry", "biology-and-health", "marine-industry"),
        *("raw-materials", "services"),
    }
