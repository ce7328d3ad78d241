"""What a screen shows, whatever draws it: forms, states, words for figures, runs. Pure.

Rules: a door fetches through a client and gives what it got to this room; the time comes in as a value. Whatever came
from outside is text: a door escapes it as its own markup wants.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .forms.bounds import Bounds as Bounds
    from .forms.faults import FormErrors as FormErrors
    from .forms.fields import MISSING as MISSING
    from .forms.fields import ChoiceField as ChoiceField
    from .forms.fields import DateField as DateField
    from .forms.fields import DecimalField as DecimalField
    from .forms.fields import DurationField as DurationField
    from .forms.fields import FileField as FileField
    from .forms.fields import FixedField as FixedField
    from .forms.fields import FormField as FormField
    from .forms.fields import GroupField as GroupField
    from .forms.fields import IntegerField as IntegerField
    from .forms.fields import JsonField as JsonField
    from .forms.fields import ListField as ListField
    from .forms.fields import ManyChoicesField as ManyChoicesField
    from .forms.fields import MappingField as MappingField
    from .forms.fields import Missing as Missing
    from .forms.fields import MomentField as MomentField
    from .forms.fields import MoneyField as MoneyField
    from .forms.fields import Option as Option
    from .forms.fields import SwitchField as SwitchField
    from .forms.fields import TextField as TextField
    from .forms.fields import TimeField as TimeField
    from .forms.fields import Upload as Upload
    from .forms.fields import Variant as Variant
    from .forms.fields import VariantField as VariantField
    from .forms.form import Form as Form
    from .meter import Meter as Meter
    from .meter import bar_text as bar_text
    from .meter import meter_of as meter_of
    from .states import AGENT_WORDS as AGENT_WORDS
    from .states import OPERATION_WORDS as OPERATION_WORDS
    from .states import STAGE_WORDS as STAGE_WORDS
    from .states import Health as Health
    from .states import Look as Look
    from .states import TerminalColour as TerminalColour
    from .states import look_of as look_of
    from .troubles import Trouble as Trouble
    from .troubles import trouble_of as trouble_of
    from .words import age_text as age_text
    from .words import amount_text as amount_text
    from .words import clock_text as clock_text
    from .words import count_text as count_text
    from .words import duration_text as duration_text
    from .words import moment_text as moment_text
    from .words import percent_text as percent_text
    from .words import plain_text as plain_text
    from .words import size_text as size_text
    from .words import zone_text as zone_text
else:
    __all__, __getattr__ = lazy(
        __name__,
        {
            "forms.bounds": ("Bounds",),
            "forms.faults": ("FormErrors",),
            "forms.fields": (
                "MISSING",
                "ChoiceField",
                "DateField",
                "DecimalField",
                "DurationField",
                "FileField",
                "FixedField",
                "FormField",
                "GroupField",
                "IntegerField",
                "JsonField",
                "ListField",
                "ManyChoicesField",
                "MappingField",
                "Missing",
                "MomentField",
                "MoneyField",
                "Option",
                "SwitchField",
                "TextField",
                "TimeField",
                "Upload",
                "Variant",
                "VariantField",
            ),
            "forms.form": ("Form",),
            "meter": ("Meter", "bar_text", "meter_of"),
            "states": (
                "AGENT_WORDS",
                "OPERATION_WORDS",
                "STAGE_WORDS",
                "Health",
                "Look",
                "TerminalColour",
                "look_of",
            ),
            "troubles": ("Trouble", "trouble_of"),
            "words": (
                "age_text",
                "amount_text",
                "clock_text",
                "count_text",
                "duration_text",
                "moment_text",
                "percent_text",
                "plain_text",
                "size_text",
                "zone_text",
            ),
        },
    )
