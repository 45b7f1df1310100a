from datetime import date

import pytest

from documents.extraction.dates import dates, day, periods
from documents.extraction.tests.paper import flow_of


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2024",
        "ordonnance n° 2020-304",
        "le 1er janvier",
        "art. 14-2-1",
        "tél. 04 12 12 20 24",
        "1.234.567",
        "mars deux mille",
    ],
)
def test_no_day(text: str) -> None:
    assert list(dates(flow_of(text))) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12/03/2024", date(2024, 3, 12)),
        ("28.04.2021", date(2021, 4, 28)),
        ("12-03-24", date(2024, 3, 12)),
        ("03/07/98", date(1998, 7, 3)),
        ("2024-05-06", date(2024, 5, 6)),
        ("le 1er mars 2024", date(2024, 3, 1)),
        ("le ler mars 2024", date(2024, 3, 1)),  # OCR
        ("lundi 6 août 2025", date(2025, 8, 6)),
        ("14 févr. 2022", date(2022, 2, 14)),
        ("le douze mars deux mille vingt-quatre", date(2024, 3, 12)),
        ("le trente et un décembre deux mille vingt-deux", date(2022, 12, 31)),
        ("dix-sept octobre mil neuf cent soixante-huit", date(1968, 10, 17)),
        ("le premier janvier 2020", date(2020, 1, 1)),
    ],
)
def test_days(text: str, expected: date) -> None:
    assert [value for value, _ in dates(flow_of(text))] == [expected]
    assert day(flow_of(text).text) == expected


def test_a_date_in_words_over_two_lines() -> None:
    flow = flow_of("clos le trente et un décembre deux mille vingt-\ndeux, annexés")
    assert [value for value, _ in dates(flow)] == [date(2022, 12, 31)]


def test_a_year_said_once_for_several_days() -> None:
    flow = flow_of("exigibles les 1er septembre et 1er novembre 2024, le 3 mai")
    assert [value for value, _ in dates(flow)] == [date(2024, 9, 1), date(2024, 11, 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("le 01/01/2023 et le 31/12/2023", None),
        ("convoquée le 2 mars 2023 pour le 27 mars 2023", None),
        ("du 31/12/2023 au 01/01/2023", None),
        ("du 01/01/2023 au 31/12/2023", (date(2023, 1, 1), date(2023, 12, 31))),
        ("du 1er janvier au 31 décembre 2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("débutant le 01/01/2024 au 31/12/2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("entre le 1er juillet 2024 et le 30 juin 2025", (date(2024, 7, 1), date(2025, 6, 30))),
        ("débutant le 01/01/2024 et\nfinissant le 31/12/2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("ouvert le 01/01/2024 pour se terminer le 31/12/2024", (date(2024, 1, 1), date(2024, 12, 31))),
        ("01/04/2022 – 30/06/2022", (date(2022, 4, 1), date(2022, 6, 30))),
    ],
)
def test_periods(text: str, expected: tuple[date, date] | None) -> None:
    found = [(p.start, p.end) for p in periods(flow_of(text))]
    assert found == ([expected] if expected else [])


def test_two_days_of_a_year_whose_dash_is_lost() -> None:
    (period,) = periods(flow_of("Exercice 01/01/2022\t31/12/2022"))
    assert (period.start.isoformat(), period.end.isoformat()) == ("2022-01-01", "2022-12-31")
    assert list(periods(flow_of("Visites 01/01/2022\t31/12/2022"))) == []
