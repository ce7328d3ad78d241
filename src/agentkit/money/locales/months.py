"""The names of the months in the languages of the built-in locales, as Unicode CLDR has them.

Rules: for each month its names and abbreviations, in lower case and without a dot at their end. A test compares them
with Babel's copy of CLDR.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from unicodedata import normalize

__all__ = ["MONTHS", "month_key"]


def month_key(name: str) -> str:
    """A name of a month as it is looked up: in lower case, composed, and without a dot at its end."""
    return normalize("NFC", name.casefold()).rstrip(".")


# fmt: off
_NAMES = {
    "en": "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sep sept,"
          "october oct,november nov,december dec",
    "de": "januar jan,februar feb,märz mär mrz,april apr,mai,juni jun,juli jul,august aug,september sept sep,"
          "oktober okt,november nov,dezember dez",
    "fr": "janvier janv,février févr,mars,avril avr,mai,juin,juillet juil,août,septembre sept,octobre oct,novembre nov,"
          "décembre déc",
    "es": "enero ene,febrero feb,marzo mar,abril abr,mayo may,junio jun,julio jul,agosto ago,septiembre sept,"
          "octubre oct,noviembre nov,diciembre dic",
    "it": "gennaio gen,febbraio feb,marzo mar,aprile apr,maggio mag,giugno giu,luglio lug,agosto ago,settembre set,"
          "ottobre ott,novembre nov,dicembre dic",
    "nl": "januari jan,februari feb,maart mrt,april apr,mei,juni jun,juli jul,augustus aug,september sep,oktober okt,"
          "november nov,december dec",
    "pt": "janeiro jan,fevereiro fev,março mar,abril abr,maio mai,junho jun,julho jul,agosto ago,setembro set,"
          "outubro out,novembro nov,dezembro dez",
    "pl": "stycznia sty styczeń,lutego lut luty,marca mar marzec,kwietnia kwi kwiecień,maja maj,czerwca cze czerwiec,"
          "lipca lip lipiec,sierpnia sie sierpień,września wrz wrzesień,października paź październik,"
          "listopada lis listopad,grudnia gru grudzień",
    "sv": "januari jan,februari feb,mars,april apr,maj,juni,juli,augusti aug,september sep,oktober okt,november nov,"
          "december dec",
    "hi": "जनवरी जन॰,फ़रवरी फ़र॰,मार्च,अप्रैल,मई,जून,जुलाई जुल॰,अगस्त अग॰,सितंबर सित॰,अक्टूबर अक्टू॰,नवंबर नव॰,"
          "दिसंबर दिस॰",
    "ar": "يناير,فبراير,مارس,أبريل,مايو,يونيو,يوليو,أغسطس,سبتمبر,أكتوبر,نوفمبر,ديسمبر",
    # Chinese months between numbers are read by their characters; these are the names that stand alone.
    "zh": "一月,二月,三月,四月,五月,六月,七月,八月,九月,十月,十一月,十二月",
    "ja": "",
}
# fmt: on

MONTHS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        language: MappingProxyType(
            {
                month_key(name): number
                for number, names in enumerate(names_of_all.split(","), start=1)
                for name in names.split()
            }
        )
        for language, names_of_all in _NAMES.items()
    }
)
"""For each language, the number of the month behind each of its names."""
