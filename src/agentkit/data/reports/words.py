"""The few words that reports say by themselves, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["Words", "words_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a report says by itself.

    Attributes:
        period: Before the time that it is about.
        created: Before the time when it was made.
        author: Before who made it.
        page: Before the number of a page; `of` stands before how many there are.
        of: See `page`.
        total: Before a sum.
        others: What figures are called that were added up; `{count}` is how many.
        rows: Which rows follow; `{first}`, `{last}` and `{all}` are numbers.
        columns: The same for columns.
        no_data: In place of a chart that has nothing to show.
        no_rows: In place of the rows of a table that has none.
        yes: For a true cell; `no` for a false one.
        no: See `yes`.
        charts: The name of the sheet of charts.
        summary: The name of the sheet with the title and the text.
        exact: What is said of amounts that are written as text; `{count}` is how many.
        warning: Before a note that warns.
    """

    period: str
    created: str
    author: str
    page: str
    of: str
    total: str
    others: str
    rows: str
    columns: str
    no_data: str
    no_rows: str
    yes: str
    no: str
    charts: str
    summary: str
    exact: str
    warning: str


_ENGLISH: Final = Words(
    period="Period",
    created="Created",
    author="By",
    page="Page",
    of="of",
    total="Total",
    others="{count} others",
    rows="Rows {first} to {last} of {all}",
    columns="Columns {first} to {last} of {all}",
    no_data="No data",
    no_rows="No rows",
    yes="yes",
    no="no",
    charts="Charts",
    summary="Summary",
    exact="Numbers with more than 15 digits are written as text, on amber, as Excel would round them: {count}",
    warning="Warning",
)

_GERMAN: Final = Words(
    period="Zeitraum",
    created="Erstellt",
    author="Von",
    page="Seite",
    of="von",
    total="Summe",
    others="{count} weitere",
    rows="Zeilen {first} bis {last} von {all}",
    columns="Spalten {first} bis {last} von {all}",
    no_data="Keine Daten",
    no_rows="Keine Zeilen",
    yes="ja",
    no="nein",
    charts="Diagramme",
    summary="Übersicht",
    exact="Zahlen mit mehr als 15 Stellen stehen als Text auf Gelb, da Excel sie runden würde: {count}",
    warning="Achtung",
)

_FRENCH: Final = Words(
    period="Période",
    created="Créé",
    author="Par",
    page="Page",
    of="sur",
    total="Total",
    others="{count} autres",
    rows="Lignes {first} à {last} sur {all}",
    columns="Colonnes {first} à {last} sur {all}",
    no_data="Aucune donnée",
    no_rows="Aucune ligne",
    yes="oui",
    no="non",
    charts="Graphiques",
    summary="Résumé",
    exact="Les nombres de plus de 15 chiffres sont en texte sur fond ambre, car Excel les arrondirait : {count}",
    warning="Attention",
)

_SPANISH: Final = Words(
    period="Período",
    created="Creado",
    author="Por",
    page="Página",
    of="de",
    total="Total",
    others="{count} otros",
    rows="Filas {first} a {last} de {all}",
    columns="Columnas {first} a {last} de {all}",
    no_data="Sin datos",
    no_rows="Sin filas",
    yes="sí",
    no="no",
    charts="Gráficos",
    summary="Resumen",
    exact="Los números de más de 15 cifras van como texto sobre ámbar, pues Excel los redondearía: {count}",
    warning="Atención",
)

_BY_LANGUAGE: Final[Mapping[str, Words]] = MappingProxyType({"de": _GERMAN, "fr": _FRENCH, "es": _SPANISH})


def words_of(language: str) -> Words:
    """The words of a language, given as a tag such as `de-DE`; the English ones where there are none."""
    return _BY_LANGUAGE.get(language.replace("_", "-").split("-")[0].lower(), _ENGLISH)
