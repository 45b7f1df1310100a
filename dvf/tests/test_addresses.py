"""Typed addresses and street names: what must not be read first, then what must."""

import csv
import gzip
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.tests.shared import needs_shared, shared
from dvf.addresses import ParsedAddress, parse_address, same_street, street_key

# Pairs that are two streets: their keys must differ.
DIFFERENT = [
    ("RUE DU MOULIN", "RUE DES MOULINS"),
    ("RUE DU MOULIN", "CHE DU MOULIN"),
    ("AV FOCH", "RUE FOCH"),
    ("GRANDE RUE", "RUE GRANDE"),
    ("RUE DU COL FABIEN", "RUE DU COL DE FABIEN"),
    ("RUE DU CAP", "RUE DU CAPITAINE"),
    ("AV DU CAP D ANTIBES", "AV DU CAPITAINE ANTIBES"),
    ("RUE DU PONT NEUF", "RUE DU PONT 9"),
    ("CHEMIN NEUF", "CHEMIN 9"),
    ("RUE DU 8 MAI 1945", "RUE DU 8 MAI 1845"),
    ("RUE DU 1ER MAI", "RUE DU 1 MAI 1900"),
    ("RUE A", "RUE D"),
    ("VOIE A 12", "VOIE D 12"),
    ("VC A 11", "VC A 12"),
    ("RUE ST JEAN", "RUE STE JEANNE"),
    ("AV DE LA PTE DE CLICHY", "AV DE LA PETITE CLICHY"),
    ("LES PTES VIGNES", "LES PETITS VIGNES"),
    ("RUE MARTIN", "RUE ST MARTIN"),
    ("RUE DU FBG ST MARTIN", "RUE ST MARTIN"),
    ("GALERIE VIVIENNE", "RUE DU GENERAL VIVIENNE"),
    ("LE LOT", "LOTISSEMENT"),
]

# Pairs that are one street: the tax office's spelling, and another.
SAME = [
    ("AV DU GAL DE GAULLE", "avenue du Général-de-Gaulle"),
    ("AV GEN DE GAULLE", "Av. du Gal. de Gaulle"),
    ("BD DU MAL JUIN", "boulevard du Maréchal Juin"),
    ("CHE DES VIGNES", "Chemin des Vignes"),
    ("CHEM DES VIGNES", "ch. des Vignes"),
    ("RTE DE PARIS", "route de Paris"),
    ("IMP STE HENRIETTE", "Impasse Sainte-Henriette"),
    ("PL DU DR PAUL", "place du Docteur Paul"),
    ("AV DU DOC ARNOLD NETTER", "avenue du docteur Arnold Netter"),
    ("AV PDT WILSON", "avenue du Président-Wilson"),
    ("RUE DU CDT LEANDRI", "rue du Commandant Léandri"),
    ("RUE DU CPT OLCHANSKI", "rue du Capitaine Olchanski"),
    ("RUE DU CAPT SCOTT", "rue du Capitaine-Scott"),
    ("AV DU COL BONNET", "avenue du Colonel Bonnet"),
    ("RTE DU COL DE BROUIS", "route du col de Brouis"),
    ("RUE DU LT CAMILLE VIOLAND", "rue du lieutenant Camille Violand"),
    ("RUE DE L ABBE GROULT", "rue de l’Abbé-Groult"),
    ("RUE DE L ABBE GROULT", "rue de l'abbé Groult"),
    ("RUE DE L ABBE GROULT", "RUE DE LʼABBÉ GROULT"),
    ("RUE N D DE BONNE NOUVELLE", "Rue Notre-Dame de Bonne Nouvelle"),
    ("AV N DAME BON VOYAGE", "avenue Notre Dame de Bon Voyage"),
    ("RUE DU FBG ST ANTOINE", "rue du Faubourg Saint-Antoine"),
    ("FG ST ANTOINE", "rue du Faubourg-St-Antoine"),
    ("RUE DU FBOURG MONTMARTRE", "Rue du Faubourg Montmartre"),
    ("RUE FRANCOIS 1ER", "rue François Ier"),
    ("RUE DU 8 MAI 1945", "rue du Huit-Mai-1945"),
    ("RUE DU HUIT MAI 1945", "rue du 8 mai 45"),
    ("PL DU 11 NOVEMBRE 1918", "place du onze novembre mil neuf cent dix huit"),
    ("RUE DU QUATRE SEPTEMBRE", "rue du 4-Septembre"),
    ("RUE DU PREMIER MAI", "rue du 1er Mai"),
    ("RUE DES DEUX PONTS", "rue des 2 ponts"),
    ("GR GRANDE RUE", "Grande Rue"),
    ("GR GRANDE-RUE", "Grand'Rue"),
    ("GR GD RUE", "Grand-Rue"),
    ("GDE RUE DE LA CROIX ROUSSE", "Grande Rue de la Croix-Rousse"),
    ("PTR PETITE RUE DE CASSEL", "petite rue de Cassel"),
    ("ACH ANCIEN CHEMIN D'ANDUZE", "Ancien chemin d'Anduze"),
    ("ART ANC RTE D HEYRIEUX", "ancienne route d’Heyrieux"),
    ("LOT LOTISSEMENT BAYOUX", "Lotissement Bayoux"),
    ("VC PGE DU BUREAU", "passage du Bureau"),
    ("VC SQ  DE CHATILLON", "Square de Châtillon"),
    ("VC GRANDE RUE", "Grande rue"),
    ("VC A 12", "Voie A/12"),
    ("CRS DES PETITES ECURIES", "Cour des Petites Écuries"),
    ("AV PTE DES POISSONNIERS", "avenue de la Porte des Poissonniers"),
    ("RUE DE LA CRX ST SIMON", "rue de la Croix-Saint-Simon"),
    ("RPT MIRASOULEOU", "Rond-point Mirasouléou"),
    ("SQ STE IRENEE", "square Sainte-Irénée"),
    ("QUAI D ORSAY", "quai d’Orsay"),
    ("RUE DU COEUR", "rue du Cœur"),
    ("BD GOUVION ST-CYR", "Boulevard Gouvion Saint-Cyr"),
    ("LES COTEAUX", "Les Coteaux"),
    ("CITE DUPETIT-THOUARS", "cité Dupetit Thouars"),
    ("RUE HAXO", "r haxo"),
]

# What cannot be read: no key, and no exception.
NOT_STREETS = ["", " ", ",", "---", "'", "…", "\x00", "\u202e", "🏠", "（）", "«»"]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_streets_have_different_keys(one: str, other: str) -> None:
    assert street_key(one) != street_key(other)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_a_street_have_one_key(one: str, other: str) -> None:
    assert street_key(one) == street_key(other)


@pytest.mark.parametrize("text", NOT_STREETS)
def test_no_street_no_key(text: str) -> None:
    assert street_key(text) == ""
    assert parse_address(text).key == ""


# Two keys of one commune that `same_street` must not confuse.
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RUE JEAN JAURES", "AV JEAN JAURES"),
        ("RUE DU GENERAL LECLERC", "RUE DU GENERAL LEMAN"),
        ("RUE DE LA PAIX", "RUE DE LA"),
        ("RUE DU 8 MAI 1945", "RUE DU 8 MAI 1918"),
        ("RUE PASTEUR", "RUE"),
        ("RUE VICTOR HUGO", "RUE VICTOR BASCH"),
        ("", "RUE PASTEUR"),
    ],
)
def test_same_street_refuses(one: str, other: str) -> None:
    assert not same_street(street_key(one), street_key(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RUE DES LAVANDIERES STE OPPORT", "rue des Lavandières Sainte-Opportune"),
        ("RUE DES HOSPIT ST GERVAIS", "rue des Hospitalières Saint-Gervais"),
        ("RUE ST J BAPTISTE DE LA SALLE", "rue Saint-Jean-Baptiste de La Salle"),
        ("RUE J J ROUSSEAU", "rue Jean-Jacques Rousseau"),
        ("RUE SALENGRO", "rue Roger Salengro"),
        ("RUE DES MARTYRS DE LA LIBERATI", "rue des Martyrs de la Libération"),
        ("CHEM DE LA DEPORTATION AUX VICT", "chemin de la Déportation aux Victimes de la guerre"),
    ],
)
def test_same_street_bridges_cut_names_and_initials(one: str, other: str) -> None:
    assert same_street(street_key(one), street_key(other))


def _said(parsed: ParsedAddress) -> dict[str, object]:
    return {
        name: value for name, value in vars(parsed).items() if value not in ("", None) and name != "street"
    }


# The number is not a house number, or there is no number.
NO_NUMBER = [
    ("8 mai 1945", "8 MAI 1945"),
    ("1er mai", "1ER MAI"),
    ("4 septembre", "4 SEPTEMBRE"),
    ("2e division blindée", "2E DIVISION BLINDEE"),
    ("rue du 8 mai 1945", "RUE 8 MAI 1945"),
    ("rue de la Paix", "RUE PAIX"),
    ("rue de Paris", "RUE PARIS"),
    ("chemin de la Porte de Lyon", "CHEMIN PORTE LYON"),
    ("Résidence Les Pins", "RESIDENCE PINS"),
]


@pytest.mark.parametrize(("text", "key"), NO_NUMBER)
def test_no_number(text: str, key: str) -> None:
    assert _said(parse_address(text)) == {"key": key}


PARIS_11 = {"postal_code": "75011", "city": "Paris", "arrondissement": 11}
PARSED: list[tuple[str, dict[str, object]]] = [
    ("12 bis avenue du Général-de-Gaulle", {"number": 12, "suffix": "B", "key": "AVENUE GENERAL GAULLE"}),
    ("12bis,rue Foch", {"number": 12, "suffix": "B", "key": "RUE FOCH"}),
    ("12 Ter Rue Foch", {"number": 12, "suffix": "T", "key": "RUE FOCH"}),
    ("12 quater rue Foch", {"number": 12, "suffix": "Q", "key": "RUE FOCH"}),
    ("12 B RUE FOCH", {"number": 12, "suffix": "B", "key": "RUE FOCH"}),
    ("12b rue Foch", {"number": 12, "suffix": "B", "key": "RUE FOCH"}),
    ("12A rue Foch", {"number": 12, "suffix": "A", "key": "RUE FOCH"}),
    ("12 C AV FOCH", {"number": 12, "suffix": "C", "key": "AVENUE FOCH"}),
    ("12 D rue Foch", {"number": 12, "suffix": "D", "key": "RUE FOCH"}),
    ("12-14 r. St Honoré", {"number": 12, "number_end": 14, "key": "RUE SAINT HONORE"}),
    ("12 R ST HONORE", {"number": 12, "key": "RUE SAINT HONORE"}),
    ("12 q. d'Orsay", {"number": 12, "suffix": "Q", "key": "ORSAY"}),
    ("12 et 14 bd Voltaire", {"number": 12, "number_end": 14, "key": "BOULEVARD VOLTAIRE"}),
    ("12 à 16 bd Voltaire", {"number": 12, "number_end": 16, "key": "BOULEVARD VOLTAIRE"}),
    ("12-14-16 rue Foch", {"number": 12, "number_end": 16, "key": "RUE FOCH"}),
    ("12, 14 rue Foch", {"number": 12, "number_end": 14, "key": "RUE FOCH"}),
    ("14-12 rue Foch", {"number": 14, "key": "RUE FOCH"}),
    ("n° 5 rue Foch", {"number": 5, "key": "RUE FOCH"}),
    ("00012 rue Foch", {"number": 12, "key": "RUE FOCH"}),
    ("8 rue du 8 mai 1945", {"number": 8, "key": "RUE 8 MAI 1945"}),
    ("rue Oberkampf, 12", {"number": 12, "key": "RUE OBERKAMPF"}),
    ("rue Oberkampf n°12 ter", {"number": 12, "suffix": "T", "key": "RUE OBERKAMPF"}),
    ("12 L'Orée du village", {"number": 12, "key": "OREE VILLAGE"}),
    ("Rés. Les Pins, 3 rue des Lilas", {"number": 3, "key": "RUE LILAS", "residence": "Rés. Les Pins"}),
    (
        "Résidence Les Pins 3 rue des Lilas 83000 Toulon",
        {
            "number": 3,
            "key": "RUE LILAS",
            "residence": "Résidence Les Pins",
            "postal_code": "83000",
            "city": "Toulon",
        },
    ),
    ("12 rue Oberkampf, Paris 11e", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("12 rue Oberkampf Paris 11ème arrondissement", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("12 rue Oberkampf 75011 Paris", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("12 rue Oberkampf\n75011 Paris\nFrance", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("12 rue Oberkampf 75 011 Paris cedex 11", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("75011 Paris, 12 rue Oberkampf", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("75011 Paris 12 rue Oberkampf", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("Bât B, 12 rue Oberkampf, 3e étage, F-75011 Paris", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("12 rue Oberkampf bât B 75011 Paris", {"number": 12, "key": "RUE OBERKAMPF"} | PARIS_11),
    ("Les Pins, 12, rue Pasteur", {"number": 12, "key": "RUE PASTEUR", "residence": "Les Pins"}),
    ("rue Pasteur, 12, Toulon", {"number": 12, "key": "RUE PASTEUR", "city": "Toulon"}),
    ("Appt 4, 12 rue Pasteur", {"number": 12, "key": "RUE PASTEUR"}),
    (
        "33 rue de Marseille Lyon 7",
        {"number": 33, "key": "RUE MARSEILLE", "postal_code": "69007", "city": "Lyon", "arrondissement": 7},
    ),
    (
        "1 av Foch 75116 Paris",
        {"number": 1, "key": "AVENUE FOCH", "postal_code": "75116", "city": "Paris", "arrondissement": 16},
    ),
    ("10 rue de Lyon, Paris", {"number": 10, "key": "RUE LYON", "city": "Paris"}),
    ("10 rue de Lyon, Paris 42", {"number": 10, "key": "RUE LYON", "city": "Paris"}),
    (
        "rue de Paris, 94190 Villeneuve-Saint-Georges",
        {"key": "RUE PARIS", "postal_code": "94190", "city": "Villeneuve-Saint-Georges"},
    ),
    (
        "12 rue Foch 97400 Saint-Denis",
        {"number": 12, "key": "RUE FOCH", "postal_code": "97400", "city": "Saint-Denis"},
    ),
    ("12 rue de la République (Toulon)", {"number": 12, "key": "RUE REPUBLIQUE", "city": "Toulon"}),
    ("Le Bourg 24000 Périgueux", {"key": "BOURG", "postal_code": "24000", "city": "Périgueux"}),
    ("75011 Paris", PARIS_11),
    ("Paris 11", PARIS_11),
    ("75011", {"postal_code": "75011"}),
    ("Paris", {"city": "Paris"}),
    ("12", {"number": 12}),
]


@pytest.mark.parametrize(("text", "expected"), PARSED)
def test_parsed(text: str, expected: dict[str, object]) -> None:
    assert _said(parse_address(text)) == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("rue Foch", ()),
        ("12 rue Foch", (12,)),
        ("12-16 rue Foch", (12, 14, 16)),
        ("12-15 rue Foch", (12, 13, 14, 15)),
        ("1-9999 rue Foch", (1,)),
    ],
)
def test_numbers_of_a_range(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_address(text).numbers == numbers


@given(st.text(max_size=400))
def test_any_text_is_read_without_error(text: str) -> None:
    parsed = parse_address(text)
    assert parsed.key == street_key(parsed.street)
    assert len(parsed.numbers) <= 101


@given(
    number=st.integers(1, 9999),
    suffix=st.sampled_from([("", ""), (" bis", "B"), (" ter", "T"), ("A", "A"), (" F", "F")]),
    way=st.sampled_from(["rue", "avenue", "bd", "all.", "chemin", "IMP"]),
    name=st.sampled_from(["Foch", "de l’Abbé-Groult", "du 8 mai 1945", "St Honoré", "Jean-Jaurès"]),
    end=st.sampled_from(["", ", 83000 Toulon", " 83000 Toulon", ", Toulon", "\n83000 Toulon cedex"]),
)
def test_every_combination_is_taken_apart(
    number: int, suffix: tuple[str, str], way: str, name: str, end: str
) -> None:
    parsed = parse_address(f"{number}{suffix[0]} {way} {name}{end}")
    assert (parsed.number, parsed.suffix) == (number, suffix[1])
    assert parsed.key == street_key(f"{way} {name}")
    assert parsed.city == ("Toulon" if end else "")
    assert parsed.postal_code == ("83000" if "83000" in end else "")


@needs_shared
def test_streets_of_paris_meet_the_national_address_base() -> None:
    """Of the streets named in the Paris sales, how many match exactly one street of the BAN in their commune.

    The rest are streets that were renamed since (rue de Rochechouart), names cut short, and misspellings.
    """
    ban: dict[str, set[tuple[str, str]]] = defaultdict(set)
    by_key: dict[tuple[str, str], set[str]] = defaultdict(set)
    with gzip.open(shared("data/ref/ban_adresses-75.csv.gz"), "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            key, identity = street_key(row["nom_voie"]), row["id"].split("_")[1]
            by_key[row["code_insee"], key].add(identity)
            ban[row["code_insee"]].add((key, identity))
    sold: set[tuple[str, str]] = set()
    for name in ("paris_2018S2_geo40", "paris_2023_jan-avr_geo40"):
        with gzip.open(shared(f"data/dvf/geo_reconstitue/{name}.csv.gz"), "rt", encoding="utf-8") as file:
            sold |= {(row["code_commune"], row["adresse_nom_voie"]) for row in csv.DictReader(file)}
    exact = cut = several = 0
    for commune, name in sold:
        key = street_key(name)
        found = by_key.get((commune, key), set())
        if len(found) == 1:
            exact += 1
        elif found:
            several += 1
        else:
            cut += len({identity for other, identity in ban[commune] if same_street(key, other)}) == 1
    answer = f"{len(sold)} streets: {exact} by key, {cut} cut short, {several} with several answers"
    assert exact / len(sold) >= 0.99, answer
    assert (exact + cut) / len(sold) >= 0.995, answer
    assert several == 0, answer
