"""What a screen shows, whatever draws it: forms, states, words for figures, runs. Pure.

Rules: a door fetches through a client and gives what it got to this room; the time comes in as a value. Whatever came
from outside is text: a door escapes it as its own markup wants.
"""

from typing import TYPE_CHECKING

from agentkit.faces import lazy

if TYPE_CHECKING:
    from .amounts import amount_text as amount_text
    from .dashboard import AgentRow as AgentRow
    from .dashboard import Tile as Tile
    from .dashboard import Trend as Trend
    from .dashboard import agent_rows as agent_rows
    from .dashboard import tiles_of as tiles_of
    from .dashboard import today as today
    from .forms.bounds import Bounds as Bounds
    from .forms.faults import FormErrors as FormErrors
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
    from .forms.fields import MomentField as MomentField
    from .forms.fields import MoneyField as MoneyField
    from .forms.fields import SwitchField as SwitchField
    from .forms.fields import TextField as TextField
    from .forms.fields import TimeField as TimeField
    from .forms.fields import Variant as Variant
    from .forms.fields import VariantField as VariantField
    from .forms.filling import blank_of as blank_of
    from .forms.form import Form as Form
    from .forms.parts import MISSING as MISSING
    from .forms.parts import Missing as Missing
    from .forms.parts import Option as Option
    from .forms.parts import Upload as Upload
    from .meter import Meter as Meter
    from .meter import meter_of as meter_of
    from .runs.bars import TimeBar as TimeBar
    from .runs.board import Board as Board
    from .runs.board import StageRow as StageRow
    from .runs.costs import Costs as Costs
    from .runs.happenings import Happening as Happening
    from .runs.happenings import happening_of as happening_of
    from .runs.lines import Numbered as Numbered
    from .runs.lines import news_of as news_of
    from .saying import said_value as said_value
    from .settings import DOORS as DOORS
    from .settings import Door as Door
    from .settings import DoorSettings as DoorSettings
    from .settings import Origin as Origin
    from .settings import obeyed as obeyed
    from .settings import resolve as resolve
    from .settings import setting_lines as setting_lines
    from .staffing import StageAgents as StageAgents
    from .staffing import stage_agents as stage_agents
    from .states import AGENT_WORDS as AGENT_WORDS
    from .states import OPERATION_WORDS as OPERATION_WORDS
    from .states import STAGE_WORDS as STAGE_WORDS
    from .states import WAIT_WORDS as WAIT_WORDS
    from .states import Health as Health
    from .states import Look as Look
    from .states import TerminalColour as TerminalColour
    from .states import look_of as look_of
    from .states import wait_text as wait_text
    from .troubles import Trouble as Trouble
    from .troubles import trouble_of as trouble_of
    from .words import age_text as age_text
    from .words import bar_text as bar_text
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
            "amounts": ("amount_text",),
            "dashboard": ("AgentRow", "Tile", "Trend", "agent_rows", "tiles_of", "today"),
            "forms.bounds": ("Bounds",),
            "forms.faults": ("FormErrors",),
            "forms.fields": (
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
                "MomentField",
                "MoneyField",
                "SwitchField",
                "TextField",
                "TimeField",
                "Variant",
                "VariantField",
            ),
            "forms.filling": ("blank_of",),
            "forms.form": ("Form",),
            "forms.parts": ("MISSING", "Missing", "Option", "Upload"),
            "meter": ("Meter", "meter_of"),
            "runs.bars": ("TimeBar",),
            "runs.board": ("Board", "StageRow"),
            "runs.costs": ("Costs",),
            "runs.happenings": ("Happening", "happening_of"),
            "runs.lines": ("Numbered", "news_of"),
            "saying": ("said_value",),
            "settings": ("DOORS", "Door", "DoorSettings", "Origin", "obeyed", "resolve", "setting_lines"),
            "staffing": ("StageAgents", "stage_agents"),
            "states": (
                "AGENT_WORDS",
                "OPERATION_WORDS",
                "STAGE_WORDS",
                "WAIT_WORDS",
                "Health",
                "Look",
                "TerminalColour",
                "look_of",
                "wait_text",
            ),
            "troubles": ("Trouble", "trouble_of"),
            "words": (
                "age_text",
                "bar_text",
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
