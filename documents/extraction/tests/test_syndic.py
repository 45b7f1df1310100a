"""Who the syndic is and when the meeting was, as offices write it; and sentences that name nobody."""

# ruff: noqa: E501  # printed lines are kept whole
import pytest

from documents.extraction import pv_ag
from documents.extraction.tests.paper import page_of

TITLE = "PROCÈS-VERBAL DE L'ASSEMBLÉE GÉNÉRALE ORDINAIRE\n"
PRESENT = "\nPrésents et représentés : 32 copropriétaires totalisant 6 902 / 10 000 tantièmes"
VOTED = "Pour : 6 902 tantièmes. Contre : 0. Abstention : 0.\nLa résolution est adoptée."
REST = f"\nRésolution n° 2 – Nettoyage des caves\nArticle 24\n{VOTED}\nRésolution n° 3 – Éclairage\nArticle 24\n{VOTED}\nLa séance est levée."


def facts(head: str, first: str = "") -> dict[str, object]:
    first = f"\nRésolution n° 1 – {first or 'Approbation des comptes'}\n{VOTED}"
    return pv_ag.extract([page_of(TITLE + head + PRESENT + first + REST)]).facts


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Syndic : Cabinet Démonstration", "Cabinet Démonstration"),
        ("Syndic : Cabinet Démonstration. Présents ce jour : 31 personnes.", "Cabinet Démonstration"),
        ("Syndic : S.A.R.L. Gestion du Bourg\nAdresse : 12 rue des Essais", "Gestion du Bourg"),
        ("Syndic : Cabinet J. Vernay et Fils\nGestionnaire : Mme Osier", "Cabinet J. Vernay et Fils"),
        ("SYNDIC EN EXERCICE : IMMO DES ESSAIS\nImmeuble 12 rue des Essais", "IMMO DES ESSAIS"),
        ("Syndic bénévole : Mme Claire Osier, copropriétaire du lot 12", "Mme Claire Osier"),
        ("Votre syndic\tRégie Sainte-Lune\nVotre gestionnaire\tAnne Osier", "Régie Sainte-Lune"),
        ("Immeuble : Le Bourg\tSyndic : VERNAY GESTION\n12 rue X\t4 avenue Y", "VERNAY GESTION"),
        ("SYNDIC\nVERNAY GESTION\n4 avenue des Essais 69000 LYON", "VERNAY GESTION"),
        ("Le Cabinet VERNAY RIVE DROITE, syndic de l'immeuble, a convoqué.", "Cabinet VERNAY RIVE DROITE"),
        ("réunis sur convocation adressée par VERNAY RIVE DROITE, syndic, par lettre.", "VERNAY RIVE DROITE"),
        ("convoqués par Monsieur Paul Osier, syndic non professionnel.", "Monsieur Paul Osier"),
        ("représenté par son syndic, la SAS VERNAY CENTRE, dont le siège est à Lyon.", "VERNAY CENTRE"),
        ("Assemblée convoquée par le syndic VERNAY DU LAC le 2 mars 2024.", "VERNAY DU LAC"),
        ("M. Osier, gestionnaire, représentant le cabinet VERNAY, syndic, assiste à la séance.", "VERNAY"),
        ("Les copropriétaires se sont réunis sur convocation d'HARMONIE VERNAY.", "HARMONIE VERNAY"),
        ("Les copropriétaires se sont réunis sur convocation du syndic.", None),
        ("Le syndic présente ses comptes. Monsieur Osier est président.", None),
    ],
)
def test_the_syndic_in_office(head: str, name: str | None) -> None:
    assert facts(head).get("syndic") == name


@pytest.mark.parametrize(
    ("resolution", "name"),
    [
        ("Désignation d'un syndic : candidature de la société VERNAY GESTION\nMajorité de l'article 25", "VERNAY GESTION"),
        ("Désignation du syndic : VERNAY GESTION\nMajorité de l'article 25", "VERNAY GESTION"),
        ("Désignation du syndic\nL'assemblée désigne comme syndic la société VERNAY GESTION, de Lyon.", "VERNAY GESTION"),
        ("Mandat du syndic\nL'assemblée renouvelle le mandat de syndic de la société VERNAY GESTION. Le contrat prend effet.", "VERNAY GESTION"),
        ("Élection du syndic\nEst élu syndic le cabinet VERNAY. Pour une durée de 18 mois.", "VERNAY"),
        ("Élection du syndic\nVERNAY GESTION est élu en qualité de syndic.", "VERNAY GESTION"),
        ("Élection du syndic\nLa SAS VERNAY GESTION est reconduite dans ses fonctions de syndic.", "VERNAY GESTION"),
        ("Contrat de syndic\nL'assemblée, après débat, nomme Vernay Immobilier en qualité de syndic.", "Vernay Immobilier"),
        ("Désignation du syndic\nL'assemblée confie le mandat de syndic à SQUARE VERNAY pour 12 mois.", "SQUARE VERNAY"),
        ("Désignation du syndic\nM. Osier est élu président. L'assemblée élit comme syndic la SARL Vernay des Alpes, carte n° 1.", "Vernay des Alpes"),
        ("Désignation du syndic\nAprès avoir entendu le conseil syndical, l'assemblée générale désigne en qualité de syndic VERNAY\nDU GRAND BOURG pour une durée de douze mois.", "VERNAY DU GRAND BOURG"),
    ],
)  # fmt: skip
def test_the_syndic_elected(resolution: str, name: str) -> None:
    assert facts("", resolution)["syndic"] == name


@pytest.mark.parametrize(
    "head",
    [
        "L'AN DEUX MILLE VINGT-QUATRE, LE DOUZE MARS à dix-huit heures,",
        "L'an 2024 et le mardi 12 mars à 18 h 30,",
        "Séance du 12.03.2024",
        "Exercice du 01/01/2023 au 31/12/2023\nConvocation du 15/02/2024\nDate : 12/03/2024 Lieu : salle des Essais",
        "Date d'envoi : 25/03/2024\nDate de réunion : 12/03/2024",
        "Procès-verbal établi le 20 mars 2024 de l'assemblée du 12 mars 2024",
        "tenue à la mairie, le mardi 12 mars 2024 à 18 heures sur convocation du 15 février 2024",
        "Réunion du 12 mars 2024, suite à l'assemblée du 5 février 2024 ajournée",
        "Lyon, le 2 avril 2024\nVeuillez trouver le procès-verbal de l'assemblée tenue le 12 mars 2024 à LYON",
    ],
)
def test_the_day_of_the_meeting(head: str) -> None:
    assert str(facts(head)["meeting_date"]) == "2024-03-12"
