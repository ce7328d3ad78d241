"""How the terminal looks: two palettes, and the rules that place and colour its parts.

Rules: what is written on a colour keeps a contrast of 4.5 to 1 at least. Nothing is told by colour alone: a state has
its sign and its word.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

__all__ = ["DARK", "LIGHT", "RULES"]

DARK: Final = Theme(
    name="agentkit-dark",
    dark=True,
    primary="#58a6ff",
    secondary="#8b949e",
    accent="#58a6ff",
    warning="#d29922",
    error="#f85149",
    success="#3fb950",
    foreground="#e6edf3",
    background="#0d1117",
    surface="#0d1117",
    panel="#161b22",
)
LIGHT: Final = Theme(
    name="agentkit-light",
    dark=False,
    primary="#0550ae",
    secondary="#57606a",
    accent="#0550ae",
    warning="#7d4e00",
    error="#b31d28",
    success="#116329",
    foreground="#1f2328",
    background="#ffffff",
    surface="#ffffff",
    panel="#eef1f4",
)

RULES: Final = """
Screen { layout: vertical; background: $background; }

TopBar { height: 1; background: $panel; }
TopBar #brand { width: auto; background: $primary; color: $background; text-style: bold; }
TopBar #place { width: 1fr; padding: 0 1; }
TopBar #answering { width: auto; padding: 0 1; }
TopBar #answering.-connected { color: $text-success; }
TopBar #answering.-lost, TopBar #answering.-refused { color: $text-error; text-style: bold; }

KeyBar { height: 1; background: $panel; dock: bottom; }

#body { height: 1fr; }
#main { width: 1fr; }
#main-tabs { height: 1fr; }
#main-tabs > ContentSwitcher { height: 1fr; }
TabPane { padding: 0; height: 1fr; }
FilesTable, GraphView { height: 1fr; }

Sidebar { width: 30; padding: 0 0 0 1; border-right: solid $panel; display: none; }
Sidebar.-toggled { display: block; }
Screen.-wide Sidebar { display: block; }
Screen.-wide Sidebar.-toggled { display: none; }
Sidebar > * { margin-right: 1; }
Sidebar .title { text-style: bold; margin-top: 1; color: $text-primary; }
Sidebar OptionList { height: auto; max-height: 50%; border: none; padding: 0; background: transparent; }

FilterBar { height: 1; padding: 0 1; }
FilterBar Select { width: 24; margin-right: 1; }
FilterBar Input { width: 1fr; }
#filter-words { color: $text-primary; padding: 0 1; height: 1; }
#filter-words, #agents { text-wrap: nowrap; text-overflow: ellipsis; }
Select:focus > SelectCurrent, FilterBar Input:focus { background: $primary 20%; background-tint: $primary 0%; }
#list-state, #inbox-state, #no-files { padding: 1 2; height: auto; }

* { scrollbar-size: 1 1; scrollbar-background: $panel; scrollbar-color: $secondary; scrollbar-corner-color: $panel; }
DataTable { height: 1fr; background: $background; }
DataTable:focus { background-tint: $background 0%; }
DataTable > .datatable--header { background: $panel; color: $text-muted; }
DataTable > .datatable--cursor { background: $primary 18%; color: $foreground; }
DataTable:focus > .datatable--cursor { background: $primary 35%; color: $foreground; text-style: bold; }
#operations { min-height: 5; }
#preview { display: none; height: 1fr; border-top: solid $panel; }
Screen.-high #preview { display: block; }
Screen #preview.-idle { display: none; }

RunPanel { height: 1fr; }
#run-head { padding: 0 1; height: 1; }
#run-facts { padding: 0 1; height: auto; max-height: 2; }
#run-tabs { height: 1fr; }
#run-tabs > ContentSwitcher { height: 1fr; }
#graph, #outcome, #timeline { padding: 0 1; width: auto; }
#outcome { width: 1fr; }
RichLog { background: $background; padding: 0 1; }

ModalScreen { align: center middle; background: $background 70%; }
.dialog { width: 92; max-width: 100%; height: 90%; max-height: 44; }
.dialog { background: $panel; border: round $primary; padding: 0 1; }
.dialog.small { width: 68; height: auto; max-height: 90%; }
.dialog-title { padding: 0 0 1 0; }
.dialog-words { padding: 0 0 1 0; }
.question { padding: 0 0 1 0; }
.dialog .line { height: 1; }
.dialog .name { width: auto; padding: 0 2 0 0; }
.dialog .right { padding: 0 2 0 4; }
.dialog OptionList { height: auto; max-height: 20; border: none; background: $panel; }
.buttons { height: auto; margin-top: 1; }
.buttons Button { min-width: 10; margin-right: 1; }
.buttons Button:last-child { margin-right: 0; }
#workflow { width: 1fr; }
#priority { width: 14; }
#kept { width: 1fr; }
#signal, #other { width: 100%; }
#about { color: $text-muted; padding: 0 0 1 0; }
#ways { height: 1fr; }
#ways > ContentSwitcher { height: 1fr; }
#form-holder, #agents-holder { height: 1fr; }
#agents-holder Select { width: 100%; margin-bottom: 1; }
#json { height: 1fr; }
.dialog VerticalScroll { height: 1fr; }
.columns { height: auto; }
.column { width: 1fr; }

.form { height: auto; }
.field { height: auto; margin-bottom: 1; }
.field .label, .label { height: 1; }
.field Input, .field TextArea, .dialog Input { background: $background; }
.dialog Input:focus, .dialog TextArea:focus { background: $primary 20%; background-tint: $primary 0%; }
.field TextArea { height: 5; }
.field Select { width: 100%; }
.field .inner { height: auto; padding-left: 2; border-left: solid $primary 40%; }
.field .help, .help { color: $text-muted; height: auto; }
.wrong, .general { display: none; }
.wrong.-shown, .general.-shown { display: block; }
.field .inner.-closed { display: none; }
.wrong, .general, #say-wrong, #json-wrong { color: $text-error; height: auto; }
.money { height: 1; }
.money .amount { width: 2fr; }
.money .currency { width: 1fr; margin-left: 1; }
.money Select { width: 1fr; margin-left: 1; }
"""
